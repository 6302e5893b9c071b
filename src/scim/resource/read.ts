import type { AttributeDefinition, ResourceType } from '../../../schemas/definition.ts'
import { findAttribute, findExtension, topAttributes } from '../attribute.ts'
import { invalidSyntax, invalidValue, quote } from '../error.ts'
import { resolveQualified } from '../path/parse.ts'
import { pathName, type AttrPath } from '../path/path.ts'
import { openLedger, type Ledger, type Notices, type Reading } from '../quirks/ledger.ts'
import { listsUrn } from '../urn.ts'
import { refuseContradictions, refuseContraryAliases } from './contradictions.ts'
import { isMembers, readMembers } from './members.ts'
import { readValue } from './read-value.ts'
import { isComplex, isObject, type MemberRef, type Resource, type Value } from './resource.ts'
import { sameValue } from './same.ts'
import { settle } from './settle.ts'
import { checkShape, entriesOf } from './shape.ts'

/** What a body says. */
export interface ReadResource {
  readonly resource: Resource
  readonly notices: Notices
  /** Of a group, and only if the body has the key: an empty list empties the group, no list leaves it as it is. */
  readonly members?: readonly MemberRef[]
}

/**
 * Reads the body of a POST or PUT into the canonical form of a resource (RFC 7644 §3.3, §3.5.1).
 *
 * Names resolve in any letter case. What the server owns is left out without a word, as both sections ask; so is a
 * password, after it was checked: nothing here has a use for it. Unknown attributes are left out and named.
 *
 * @throws ScimError `invalidSyntax` for the structure, `invalidValue` for a value or one that is missing
 * @example readResource({ userName: 'ada@example.com', active: 'True' }, userType).resource // active: true
 */
export function readResource(body: unknown, type: ResourceType, reading: Reading = {}): ReadResource {
  const ledger = openLedger(reading)
  if (!isObject(body)) throw invalidSyntax('the body must be a JSON object')
  checkShape(body)
  const entries = entriesOf(body)
  checkSchemas(entries, type, ledger)
  const values: Record<string, Value> = {}
  const qualified: Qualified[] = []
  let members: readonly MemberRef[] | undefined
  for (const [name, sent] of entries.values()) {
    const extension = findExtension(type, name)
    const attribute = findAttribute(topAttributes(type), name)
    const path = resolveQualified(name, type)
    if (extension) {
      const container = readAttributes(sent, extension.attributes, extension.id, ledger)
      if (container) values[extension.id] = container
    } else if (attribute && isMembers(attribute, type)) {
      members = readMembers(sent, ledger)
    } else if (attribute) {
      readInto(values, sent, attribute, attribute.name, ledger)
    } else if (path && !isMembers(path.attribute, type) && ledger.allows('N9')) {
      qualified.push({ path, sent })
    } else if (!ledger.ignores(name)) {
      throw invalidSyntax(`${quote(name)} is no attribute of a ${type.name}`)
    }
  }
  for (const each of qualified) readQualified(values, each, ledger)
  const resource = settle(withPrimaryEmail(values), type, ledger)
  refuseContraryAliases(resource, type)
  return { resource, notices: ledger.notices(), ...(members && { members }) }
}

/** A key of the body that is an attribute behind the URN of its schema, as in a path. */
interface Qualified {
  readonly path: AttrPath
  readonly sent: unknown
}

/** @throws ScimError `invalidSyntax` if the attribute has another value at its own place */
function readQualified(values: Record<string, Value>, { path, sent }: Qualified, ledger: Ledger): void {
  const { schema, extension, attribute } = path
  const own = extension ? values[schema] : values
  const container: Record<string, Value> = isComplex(own) ? own : {}
  const read: Record<string, Value> = {}
  readInto(read, sent, attribute, pathName(path), ledger)
  const value = read[attribute.name]
  if (value === undefined) return
  const other = container[attribute.name]
  if (other !== undefined && !sameValue(other, value)) {
    throw invalidSyntax(`\`${pathName(path)}\` is in the body twice, with different values`)
  }
  if (extension) values[schema] = { ...container, ...read }
  else values[attribute.name] = value
}

function readAttributes(
  sent: unknown,
  attributes: readonly AttributeDefinition[],
  urn: string,
  ledger: Ledger,
): Record<string, Value> | undefined {
  if (sent === null || sent === undefined) return undefined
  if (!isObject(sent)) throw invalidValue(`\`${urn}\` must be an object, not ${quote(sent)}`)
  const values: Record<string, Value> = {}
  const entries = entriesOf(sent)
  refuseContradictions(entries.values(), attributes)
  for (const [name, value] of entries.values()) {
    const attribute = findAttribute(attributes, name)
    if (attribute) readInto(values, value, attribute, `${urn}:${attribute.name}`, ledger)
    else if (!ledger.ignores(`${urn}:${name}`))
      throw invalidSyntax(`${quote(`${urn}:${name}`)} is no attribute`)
  }
  return values
}

function readInto(
  values: Record<string, Value>,
  sent: unknown,
  attribute: AttributeDefinition,
  place: string,
  ledger: Ledger,
): void {
  if (attribute.mutability === 'readOnly') return
  const value = readValue(sent, attribute, place, ledger)
  if (value !== undefined && attribute.returned !== 'never') values[attribute.name] = value
}

/** Strictly, a body lists the base schema and each extension it uses, and nothing else (RFC 7643 §3.3). */
function checkSchemas(entries: ReturnType<typeof entriesOf>, type: ResourceType, ledger: Ledger): void {
  const [, sent] = entries.get('schemas') ?? []
  const listed = Array.isArray(sent) ? (sent as unknown[]) : []
  const known = [type.schema, ...type.extensions].map(({ id }) => id)
  const used = known.filter((urn) => urn === type.schema.id || entries.has(urn.toLowerCase()))
  const missing = used.find((urn) => !listsUrn(listed, urn))
  const foreign = listed.find((urn) => typeof urn !== 'string' || !listsUrn(known, urn))
  if ((missing === undefined && foreign === undefined) || ledger.allows('N4')) return
  throw invalidSyntax(
    missing === undefined
      ? `\`schemas\` lists ${quote(foreign)}, which a ${type.name} has not`
      : `\`schemas\` does not list ${quote(missing)}`,
  )
}

/** One e-mail address that is not said to be primary or not is the primary one. */
function withPrimaryEmail(values: Record<string, Value>): Resource {
  const emails = values['emails']
  if (!Array.isArray(emails) || emails.length !== 1) return values
  const only = (emails as readonly Value[])[0]
  if (!isComplex(only) || only['primary'] !== undefined) return values
  return { ...values, emails: [{ ...only, primary: true }] }
}
