import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { configSchema } from '../../../schemas/config.ts'
import { canonicalRole, isBaseRole } from '../../../schemas/roles.ts'
import { fold } from '../../scim/fold.ts'
import { Problem } from '../problem.ts'
import type { Entry } from './document.ts'

/** One list of the configuration document whose entries are edited one by one. */
export interface Section {
  /** The setting of the document, or of an entry of the section it is within, that has the list. */
  readonly list: string
  /** The section whose entries have such a list each. */
  readonly within?: SectionName
  /** What one entry is called. */
  readonly noun: string
  /** What an entry is, for whoever reads what can be edited. */
  readonly schema: z.ZodObject
  /** The setting that names an entry; without it entries have no name, and are known by what they say. */
  readonly key?: string
  /** By what an entry without a name is known: the same twice is the same entry. */
  knownBy?(entry: Entry): readonly unknown[]
  /** Why an entry keeps its name; undefined: it can be renamed. */
  readonly keepsName?: string
  /** What else becomes of an entry that is renamed. @throws Problem 409 where that name cannot be had */
  renamed?(entry: Entry, from: string, to: string): Entry
  /** Whether it matters which entry comes first. */
  readonly ordered?: true
}

const { shape } = configSchema
const connection = shape.connections.unwrap().element

/** Everything that is edited piece by piece, by the name that the interface and the commands have for it. */
export const SECTIONS = {
  'user-attributes': {
    list: 'userAttributes',
    noun: 'user attribute',
    key: 'reference',
    renamed: rememberName,
    schema: shape.userAttributes.unwrap().element,
  },
  roles: { list: 'roles', noun: 'role', key: 'name', ordered: true, schema: shape.roles.unwrap().element },
  connections: { list: 'connections', noun: 'connection', key: 'name', schema: connection },
  environments: {
    list: 'environments',
    within: 'connections',
    noun: 'environment',
    key: 'connection',
    ordered: true,
    schema: connection.shape.environments.unwrap().element,
  },
  models: { list: 'models', noun: 'model', key: 'name', schema: shape.models.unwrap().element },
  rules: { list: 'rules', noun: 'rule', key: 'name', ordered: true, schema: shape.rules.unwrap().element },
  grants: {
    list: 'grants',
    noun: 'grant',
    knownBy: ({ user, directory, role, on, from }) => [
      folded(user),
      folded(directory),
      typeof role === 'string' ? canonicalRole(role) : role,
      typeof on === 'string' ? { connection: on } : on,
      typeof from === 'string' ? Date.parse(from) : null,
    ],
    schema: shape.grants.unwrap().element,
  },
  overrides: {
    list: 'overrides',
    noun: 'override',
    knownBy: ({ user, directory, attribute }) => [folded(user), folded(directory), attribute],
    schema: shape.overrides.unwrap().element,
  },
  'protected-users': {
    list: 'protectedUsers',
    noun: 'protected user',
    knownBy: ({ user, directory }) => [folded(user), folded(directory)],
    schema: shape.protectedUsers.unwrap().element,
  },
  extensions: {
    list: 'extensions',
    noun: 'extension',
    key: 'urn',
    keepsName: 'users keep their values under it; add another extension instead',
    schema: shape.extensions.unwrap().element,
  },
} as const satisfies Record<string, Section & { readonly within?: string }>

/**
 * Keeps the former names of a user attribute: users have their values under the first one, and identity providers may
 * send them under each. Back at the first name, those in between are given up.
 */
function rememberName(entry: Entry, from: string, to: string): Entry {
  const formerly = (entry['formerly'] ?? []) as readonly string[]
  const first = formerly[0] ?? from
  if (fold(to) === fold(first) && to !== first) {
    throw new Problem(
      409,
      `users keep their values under \`${first}\`; a name that only differs by case cannot be told apart`,
    )
  }
  const { formerly: _, ...named } = entry
  if (to === first) return named
  return { ...named, formerly: [...formerly, from].filter((name) => fold(name) !== fold(to)) }
}

export type SectionName =
  | 'user-attributes'
  | 'roles'
  | 'connections'
  | 'environments'
  | 'models'
  | 'rules'
  | 'grants'
  | 'overrides'
  | 'protected-users'
  | 'extensions'

export const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[]

export const sectionOf = (name: SectionName): Section => SECTIONS[name]

/** What one entry is called, with its article. */
export const oneOf = ({ noun }: Section): string =>
  `${/^[aeiou]/.test(noun) && noun !== 'user attribute' ? 'an' : 'a'} ${noun}`

/**
 * The name of an entry; undefined where it has none yet. Entries without a name have an id that is made of what they
 * say: it stays as long as that does, and is the same wherever the document is applied.
 */
export function idOf(name: SectionName, entry: Entry): string | undefined {
  const { key, knownBy } = sectionOf(name)
  if (key !== undefined) {
    const id = entry[key]
    return typeof id === 'string' ? id : undefined
  }
  const known = JSON.stringify(knownBy?.(entry))
  return createHash('sha256').update(known).digest('hex').slice(0, ID_LENGTH)
}

/** Enough for millions of entries without two of one id. */
const ID_LENGTH = 16

/** Whether two names mean the same entry. */
export const sameId = (name: SectionName, one: unknown, other: unknown): boolean =>
  typeof one === 'string' && typeof other === 'string' && normalId(name, one) === normalId(name, other)

/** The form in which names are compared: letter case tells no two apart, and base roles have several names. */
export const normalId = (name: SectionName, id: string): string =>
  fold(name === 'roles' ? canonicalRole(id) : id)

/** Whether an entry stands in no document and is always there. */
export const isBuiltIn = (name: SectionName, id: string): boolean =>
  name === 'roles' && isBaseRole(canonicalRole(id))

const folded = (text: unknown): unknown => (typeof text === 'string' ? fold(text) : text)
