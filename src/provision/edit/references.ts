import { USER_ATTRIBUTE_URN } from '../../../schemas/user-attribute.ts'
import { entriesAt, type Document, type Place, type Revision, valueAt } from './document.ts'
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
export function usesOf(document: Document, name: SectionName, id: string): Use[] {
  const mention = mentionOf(document, name, id)
  return REFERENCES.filter(({ to }) => to === name).flatMap((reference) =>
    placesLike(document, reference.at.split('.'))
      .filter((place) => {
        if (reference.as === 'key') return sameId(name, place.at(-1), id)
        const value = valueAt(document, place)
        return reference.as === 'value' ? sameId(name, value, id) : mentions(value, mention)
      })
      .map((place) => ({
        place,
        reference,
        goes: reference.goes === undefined ? undefined : place.slice(0, reference.goes.split('.').length),
      })),
  )
}

/** The uses of an entry and of every entry that goes with it. */
export function allUsesOf(document: Document, name: SectionName, id: string): Use[] {
  return usesOf(document, name, id).flatMap((use) => {
    const gone = use.goes && entryAt(document, use.goes)
    return gone === undefined ? [use] : [use, ...allUsesOf(document, gone.name, gone.id)]
  })
}

/** What makes a document name an entry by its new name. */
export function renamed(document: Document, name: SectionName, from: string, to: string): Revision[] {
  const before = mentionOf(document, name, from)
  return usesOf(document, name, from).map(({ place, reference }) => {
    const value = valueAt(document, place)
    if (reference.as === 'key') return { place, to: value, name: to }
    if (reference.as === 'value') return { place, to }
    return {
      place,
      to: String(value).replaceAll(before, (text, urn?: string) =>
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
      ? `((?:${[USER_ATTRIBUTE_URN, ...aliases].map(literally).join('|')}):)${literally(id)}(?![\\w-])`
      : `()${literally(id)}(?=:)`
  return new RegExp(String.raw`"(?:[^"\\]|\\.)*"|${wanted}`, 'gi')
}

const mentions = (text: unknown, mention: RegExp): boolean =>
  typeof text === 'string' && [...text.matchAll(mention)].some(([, before]) => before !== undefined)

/** A pattern that fits a text alone. */
const literally = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
