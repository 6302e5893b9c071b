import { USER_ATTRIBUTE_URN } from '../../../schemas/user-attribute.ts'
import { fold } from '../../scim/fold.ts'
import { entriesAt, type Document, type Entry, type Place, type Revision, valueAt } from './document.ts'
import { idOf, normalId, sameId, SECTION_NAMES, sectionOf, type SectionName } from './sections.ts'

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

/** So many uses are told one by one; all are counted. */
export const TOLD_AT_MOST = 100

/** Where a document names an entry. */
export const usesOf = (document: Document, name: SectionName, id: string): readonly Use[] =>
  usesIn(document, name).get(normalId(name, id)) ?? []

/** The uses of an entry and of every entry that goes with it. */
export function allUsesOf(document: Document, name: SectionName, id: string): Use[] {
  return usesOf(document, name, id).flatMap((use) => {
    const gone = use.goes && entryAt(document, use.goes)
    return gone === undefined ? [use] : [use, ...allUsesOf(document, gone.name, gone.id)]
  })
}

/** What makes a document name an entry by its new name. */
export function renamed(document: Document, name: SectionName, from: string, to: string): Revision[] {
  const { pattern, isMeant } = mentionsIn(document, name)
  return usesOf(document, name, from).map(({ place, reference }) => {
    const value = valueAt(document, place)
    if (reference.as === 'key') return { place, to: value, name: to }
    if (reference.as === 'value') return { place, to }
    const rewritten = String(value).replaceAll(pattern, (text, before?: string, mentioned?: string) =>
      mentioned !== undefined && isMeant(mentioned, from) ? `${before}${to}` : text,
    )
    return { place, to: rewritten }
  })
}

/** All uses of entries of a section by their names, made once for a document. */
function usesIn(document: Document, name: SectionName): ReadonlyMap<string, readonly Use[]> {
  let known = indexes.get(document)
  if (known === undefined) indexes.set(document, (known = new Map()))
  let index = known.get(name)
  if (index === undefined) known.set(name, (index = indexOf(document, name)))
  return index
}

type Index = ReadonlyMap<string, readonly Use[]>

const indexes = new WeakMap<Document, Map<SectionName, Index>>()

function indexOf(document: Document, name: SectionName): Index {
  const { namesIn } = mentionsIn(document, name)
  const index = new Map<string, Use[]>()
  for (const reference of REFERENCES.filter(({ to }) => to === name)) {
    for (const place of placesLike(document, reference.at.split('.'))) {
      const said = reference.as === 'key' ? place.at(-1) : valueAt(document, place)
      if (typeof said !== 'string') continue
      const use = { place, reference, goes: goesOf(document, reference, place) }
      for (const one of reference.as === 'mention' ? namesIn(said) : [said]) {
        const id = normalId(name, one)
        const uses = index.get(id)
        if (uses === undefined) index.set(id, [use])
        else uses.push(use)
      }
    }
  }
  return index
}

function goesOf(document: Document, { goes, staysIn }: Reference, place: Place): Place | undefined {
  const entry = valueAt(document, place.slice(0, 2)) as Entry
  return goes === undefined || staysIn?.(entry) === true ? undefined : place.slice(0, goes.split('.').length)
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

/** How SCIM paths and filters name entries of a section. */
interface Mentions {
  /** Finds texts in quotes, which are values, and names: what stands before a name, and the name. */
  readonly pattern: RegExp
  /** The names of today of all that a text mentions, each once. */
  namesIn(text: string): readonly string[]
  isMeant(mentioned: string, name: string): boolean
}

function mentionsIn(document: Document, name: SectionName): Mentions {
  const named =
    name === 'user-attributes'
      ? `((?:${oneOf([USER_ATTRIBUTE_URN, ...userAttributeAliases(document)])}):)([A-Za-z][\\w-]*)`
      : `()(${oneOf(entriesAt(document, ['extensions']).map(({ urn }) => String(urn)))})(?=:)`
  const pattern = new RegExp(String.raw`"(?:[^"\\]|\\.)*"|${named}`, 'gi')
  const today = formerNames(document, name)
  const nameOf = (mentioned: string): string => today.get(fold(mentioned)) ?? mentioned
  return {
    pattern,
    namesIn(text) {
      const found = [...text.matchAll(pattern)].flatMap(([, , mentioned]) => mentioned ?? [])
      return [...new Set(found.map((mentioned) => normalId(name, nameOf(mentioned))))]
    },
    isMeant: (mentioned, one) => sameId(name, nameOf(mentioned), one),
  }
}

const userAttributeAliases = (document: Document): readonly string[] =>
  (document['userAttributeAliases'] ?? []) as readonly string[]

/** Folded former names, each with the name of today. */
function formerNames(document: Document, name: SectionName): ReadonlyMap<string, string> {
  if (name !== 'user-attributes') return new Map()
  return new Map(
    entriesAt(document, ['userAttributes']).flatMap(({ reference, formerly = [] }) =>
      (formerly as readonly string[]).map((former) => [fold(former), String(reference)] as const),
    ),
  )
}

/** A pattern that fits these texts alone; without any it fits nothing. */
const oneOf = (texts: readonly string[]): string =>
  texts.length === 0
    ? '(?!)'
    : texts
        .toSorted((a, b) => b.length - a.length)
        .map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
        .join('|')
