import { USER_ATTRIBUTE_URN } from '../../../schemas/user-attribute.ts'
import { entriesAt, type Document, type Entry, type Place, type Revision, valueAt } from './document.ts'
import { idOf, sameId, SECTION_NAMES, sectionOf, type SectionName } from './sections.ts'

/** Where a document names an entry of a section. `*` is any entry of a list, or any setting. */
interface Reference {
  readonly to: SectionName
  readonly at: string
  /** Whether the text there is the name, the setting there has it as its own name, or the SCIM text there has it inside. */
  readonly as: 'value' | 'key' | 'mention'
  /** What is taken out with what it names, if that is asked for; undefined: it has to be changed before. */
  readonly goes?: string
  /** Why nothing can be taken out. */
  readonly stays?: string
  /** Whether that is so for what the setting stands in; without it always. */
  staysIn?(around: Entry): boolean
  /** Whether it says nothing of its own: it comes and goes with what it names. */
  readonly silent?: true
}

/** Every place that names something. */
const REFERENCES: readonly Reference[] = [
  { to: 'roles', at: 'connections.*.baseRole', as: 'value', goes: 'connections.*.baseRole' },
  { to: 'roles', at: 'rules.*.grant.role', as: 'value', goes: 'rules.*.grant' },
  { to: 'roles', at: 'grants.*.role', as: 'value', goes: 'grants.*' },
  { to: 'roles', at: 'roleOrder.*.*', as: 'value', goes: 'roleOrder.*.*', silent: true },
  {
    to: 'user-attributes',
    at: 'connections.*.environmentAttribute',
    as: 'value',
    stays: 'decides the environment there, and without it everybody would run on the connection itself',
  },
  { to: 'user-attributes', at: 'rules.*.set.*', as: 'key', goes: 'rules.*.set.*' },
  { to: 'user-attributes', at: 'rules.*.when', as: 'mention', goes: 'rules.*' },
  { to: 'user-attributes', at: 'overrides.*.attribute', as: 'value', goes: 'overrides.*' },
  {
    to: 'user-attributes',
    at: 'directories.*.mayGrant.attributes.*',
    as: 'key',
    goes: 'directories.*.mayGrant.attributes.*',
  },
  {
    to: 'user-attributes',
    at: 'userAttributes.*.from',
    as: 'mention',
    stays: 'feeds that attribute from here',
  },
  {
    to: 'connections',
    at: 'connections.*.environments.*.connection',
    as: 'value',
    goes: 'connections.*.environments.*',
    stays:
      'is where its values lead, and without it they would lead to the connection itself, by `whenUnmatched: base`',
    staysIn: (primary) => primary['whenUnmatched'] === 'base',
  },
  { to: 'connections', at: 'models.*.connection', as: 'value', goes: 'models.*' },
  { to: 'connections', at: 'rules.*.grant.on', as: 'value', goes: 'rules.*.grant' },
  { to: 'connections', at: 'rules.*.grant.on.connection', as: 'value', goes: 'rules.*.grant' },
  { to: 'connections', at: 'grants.*.on', as: 'value', goes: 'grants.*' },
  { to: 'connections', at: 'grants.*.on.connection', as: 'value', goes: 'grants.*' },
  { to: 'models', at: 'rules.*.grant.on.model', as: 'value', goes: 'rules.*.grant' },
  { to: 'models', at: 'grants.*.on.model', as: 'value', goes: 'grants.*' },
  {
    to: 'extensions',
    at: 'userAttributes.*.from',
    as: 'mention',
    stays: 'feeds that attribute from here',
  },
  { to: 'extensions', at: 'rules.*.when', as: 'mention', goes: 'rules.*' },
]

/** A place that names an entry. */
export interface Use {
  readonly place: Place
  readonly reference: Reference
  /** What is taken out with it; undefined: nothing can be. */
  readonly goes: Place | undefined
}

/** Where a document names an entry, and what of that is told to people. */
export const usesOf = (document: Document, name: SectionName, id: string): Use[] =>
  usesBy(document, name, id, mentionOf(document, name, id))

function usesBy(document: Document, name: SectionName, id: string, mention: RegExp): Use[] {
  return REFERENCES.filter(({ to }) => to === name).flatMap((reference) =>
    placesLike(document, reference.at.split('.'))
      .filter((place) => {
        if (reference.as === 'key') return sameId(name, place.at(-1), id)
        const value = valueAt(document, place)
        return reference.as === 'value' ? sameId(name, value, id) : mentions(value, mention)
      })
      .map((place) => ({ place, reference, goes: goesOf(document, reference, place) })),
  )
}

function goesOf(document: Document, { goes, staysIn }: Reference, place: Place): Place | undefined {
  const entry = valueAt(document, place.slice(0, 2)) as Entry
  return goes === undefined || staysIn?.(entry) === true ? undefined : place.slice(0, goes.split('.').length)
}

/** The uses of an entry and of every entry that goes with it. */
export function allUsesOf(document: Document, name: SectionName, id: string): Use[] {
  return usesOf(document, name, id).flatMap((use) => {
    const gone = use.goes && entryAt(document, use.goes)
    return gone === undefined ? [use] : [use, ...allUsesOf(document, gone.name, gone.id)]
  })
}

/**
 * What makes a document name an entry by its new name.
 *
 * @param before the document in which it has the old one still
 */
export function renamed(
  document: Document,
  before: Document,
  name: SectionName,
  [from, to]: readonly [string, string],
): Revision[] {
  const mention = mentionOf(before, name, from)
  return usesBy(document, name, from, mention).map(({ place, reference }) => {
    const value = valueAt(document, place)
    if (reference.as === 'key') return { place, to: value, name: to }
    if (reference.as === 'value') return { place, to }
    return {
      place,
      to: String(value).replaceAll(mention, (text, urn?: string) =>
        urn === undefined ? text : `${urn}${to}`,
      ),
    }
  })
}

/** The entry that stands at a place, if one does. */
function entryAt(document: Document, place: Place): { name: SectionName; id: string } | undefined {
  const [list, number] = place.slice(-2)
  const name = SECTION_NAMES.find((each) => sectionOf(each).list === list)
  if (name === undefined || typeof number !== 'number') return undefined
  const entry = entriesAt(document, place.slice(0, -1))[number]
  const id = entry && idOf(name, entry)
  return id === undefined ? undefined : { name, id }
}

/** The places of a document that a pattern fits. */
function placesLike(value: unknown, [key, ...rest]: readonly string[]): Place[] {
  if (key === undefined) return [[]]
  if (typeof value !== 'object' || value === null) return []
  const keys =
    key !== '*'
      ? [key].filter((one) => Object.hasOwn(value, one))
      : Array.isArray(value)
        ? [...value.keys()]
        : Object.keys(value)
  return keys.flatMap((one) => placesLike(valueAt(value, [one]), rest).map((place) => [one, ...place]))
}

/**
 * Finds where a SCIM text names an entry: the first group is what stands before the name. Texts in quotes are values, and
 * are found without it.
 */
function mentionOf(document: Document, name: SectionName, id: string): RegExp {
  const aliases = (document['userAttributeAliases'] ?? []) as readonly string[]
  const wanted =
    name === 'user-attributes'
      ? `((?:${oneOf([USER_ATTRIBUTE_URN, ...aliases])}):)(?:${oneOf(namesOf(document, id))})(?![\\w-])`
      : `()${oneOf([id])}(?=:)`
  return new RegExp(String.raw`"(?:[^"\\]|\\.)*"|${wanted}`, 'gi')
}

/** The names under which SCIM knows a user attribute. */
function namesOf(document: Document, reference: string): string[] {
  const attribute = entriesAt(document, ['userAttributes']).find((one) => one['reference'] === reference)
  return [reference, ...((attribute?.['formerly'] ?? []) as readonly string[])]
}

const mentions = (text: unknown, mention: RegExp): boolean =>
  typeof text === 'string' && [...text.matchAll(mention)].some(([, before]) => before !== undefined)

/** A pattern that fits these texts alone. */
const oneOf = (texts: readonly string[]): string =>
  texts.map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|')
