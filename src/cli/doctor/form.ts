import { nulls, valueAt } from './differences.ts'
import type { Answer } from './line.ts'

const messages = 'urn:ietf:params:scim:api:messages:2.0'

/**
 * What is wrong with the form of an answer, whatever was asked; empty when nothing is.
 *
 * @see RFC 7644 §3.1, §3.3, §3.4.2, §3.12 and RFC 7643 §2.5
 */
export function faultsOfForm(answer: Answer, method: string): string[] {
  const { status, text, json } = answer
  if (status === 204) return text === '' ? [] : ['an answer 204 has a body']
  if (status === 304) return []
  if (json === undefined) return [text === '' ? 'the answer has no body' : 'the body is no JSON']
  return [
    ...faultsOfType(answer),
    ...(status >= 400 ? faultsOfError(answer) : []),
    ...(isList(json) ? faultsOfList(json) : []),
    ...(status === 201 && method === 'POST' ? faultsOfCreation(answer) : []),
    ...(status < 300 ? nulls(json).map((place) => `${place} is null: leave out what has no value`) : []),
  ]
}

export const isList = (json: unknown): boolean => {
  const schemas = valueAt(json, 'schemas')
  return Array.isArray(schemas) && schemas.includes(`${messages}:ListResponse`)
}

function faultsOfType({ headers }: Answer): string[] {
  const type = headers['content-type']?.split(';')[0]
  return type === 'application/scim+json' || type === 'application/json'
    ? []
    : [`Content-Type is \`${type ?? ''}\` and not \`application/scim+json\``]
}

function faultsOfError({ status, json }: Answer): string[] {
  const schemas = valueAt(json, 'schemas')
  const said = valueAt(json, 'status')
  const detail = valueAt(json, 'detail')
  return [
    ...(Array.isArray(schemas) && schemas.includes(`${messages}:Error`)
      ? []
      : [`the error does not name \`${messages}:Error\` in \`schemas\``]),
    ...(String(said) === String(status) ? [] : [`\`status\` of the error is ${JSON.stringify(said)}`]),
    ...(typeof detail === 'string' && detail.trim() !== ''
      ? []
      : ['the error has no `detail`, which administrators are shown']),
  ]
}

function faultsOfList(json: unknown): string[] {
  const resources = valueAt(json, 'Resources')
  const numbers = ['totalResults', 'startIndex', 'itemsPerPage'].flatMap((name) => {
    const value = valueAt(json, name)
    const fine = typeof value === 'number' || (value === undefined && name !== 'totalResults')
    return fine ? [] : [`\`${name}\` is ${JSON.stringify(value) ?? 'absent'} and not a number`]
  })
  if (!Array.isArray(resources))
    return [...numbers, '`Resources` is not a list: send `[]` when nothing was found']
  const perPage = valueAt(json, 'itemsPerPage')
  return perPage === undefined || perPage === resources.length
    ? numbers
    : [
        ...numbers,
        `\`itemsPerPage\` is ${JSON.stringify(perPage)} and there are ${resources.length} \`Resources\``,
      ]
}

function faultsOfCreation({ headers, json }: Answer): string[] {
  const id = valueAt(json, 'id')
  const location = headers.location
  const inBody = valueAt(json, 'meta/location')
  return [
    ...(typeof id === 'string' && id !== '' ? [] : ['the answer has no `id`']),
    ...(location === undefined ? ['the answer has no header `Location`'] : []),
    ...(location !== undefined && inBody !== undefined && inBody !== location
      ? [`\`Location\` is \`${location}\` and \`meta.location\` is ${JSON.stringify(inBody)}`]
      : []),
  ]
}
