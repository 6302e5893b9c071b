import type { Wanted } from './conversation.ts'
import { describedIn } from './described.ts'
import { differences, valueAt } from './differences.ts'
import { faultsOfForm, isList } from './form.ts'
import type { Answer } from './line.ts'
import { fill, idOf } from './script.ts'
import type { Script } from './script.ts'

/** What RFC 7644 lets a server answer. */
const usual: Readonly<Record<string, readonly number[]>> = {
  GET: [200],
  POST: [201],
  PUT: [200],
  PATCH: [200, 204],
  DELETE: [204],
}

/** What is wrong with an answer; empty when the client can go on. @throws Missing */
export function faultsOf(script: Script, method: string, answer: Answer, wanted: Wanted): string[] {
  const { status, json, milliseconds } = answer
  const accepted = wanted.status ?? usual[method] ?? [200]
  if (!accepted.includes(status)) return [`answered ${status} and not ${accepted.join(' or ')}`]
  const late = wanted.within !== undefined && milliseconds > wanted.within
  return [
    ...(late ? [`took ${Math.round(milliseconds)} ms and not ${wanted.within} at most`] : []),
    ...faultsOfForm(answer, method),
    ...(status < 300 && json !== undefined ? faultsOfBody(script, answer, wanted) : []),
  ]
}

function faultsOfBody(script: Script, { json, headers }: Answer, wanted: Wanted): string[] {
  const { has, contains, lacks = [], filled = [], lists, members, describes, type } = wanted
  const received = headers['content-type']?.split(';')[0]
  return [
    ...(type !== undefined && received !== type
      ? [`Content-Type is \`${received}\` and not \`${type}\``]
      : []),
    ...(has === undefined ? [] : differences(json, fill(script, has))),
    ...(contains === undefined ? [] : differences(json, fill(script, contains), true)),
    ...lacks.flatMap((place) => {
      const value = valueAt(json, place)
      return value === undefined ? [] : [`/${place} is there: ${JSON.stringify(value).slice(0, 200)}`]
    }),
    ...filled.filter((place) => isEmpty(valueAt(json, place))).map((place) => `/${place} is empty or absent`),
    ...(lists ? faultsOfIds('the list', idsIn(valueAt(json, 'Resources'), 'id'), lists, script) : []),
    ...(lists && !isList(json) ? ['the answer is no ListResponse'] : []),
    ...(members
      ? faultsOfIds('the group', idsIn(valueAt(json, 'members') ?? [], 'value'), members, script)
      : []),
    ...(describes ? faultsOfSchemas(json, describes) : []),
  ]
}

export const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

export const idsIn = (list: unknown, name: string): string[] =>
  Array.isArray(list) ? list.map((element) => String(valueAt(element, name))) : []

/** Ids are told by the names of the conversation: those say who was lost. */
function faultsOfIds(
  what: string,
  found: readonly string[],
  wanted: readonly string[],
  script: Script,
): string[] {
  const nameOf = (id: string): string =>
    [...script.ids].findLast(([, known]) => known === id)?.[0] ?? `\`${id}\``
  const ids = wanted.map((name) => idOf(script, name))
  return [
    ...ids.filter((id) => !found.includes(id)).map((id) => `${what} lacks ${nameOf(id)}`),
    ...found.filter((id) => !ids.includes(id)).map((id) => `${what} holds ${nameOf(id)} as well`),
    ...(new Set(found).size < found.length ? [`${what} holds somebody twice`] : []),
  ]
}

function faultsOfSchemas(json: unknown, paths: readonly string[]): string[] {
  const described = describedIn(json)
  return paths
    .filter((path) => !described.has(path.toLowerCase()))
    .map((path) => `\`/Schemas\` does not describe \`${path}\``)
}
