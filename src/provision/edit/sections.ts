import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { configSchema } from '../../../schemas/config.ts'
import { canonicalRole, isBaseRole } from '../../../schemas/roles.ts'
import { fold } from '../../scim/fold.ts'
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
  extensions: {
    list: 'extensions',
    noun: 'extension',
    key: 'urn',
    keepsName: 'users keep their values under it; add another extension instead',
    schema: shape.extensions.unwrap().element,
  },
} as const satisfies Record<string, Section & { readonly within?: string }>

export type SectionName =
  | 'user-attributes'
  | 'roles'
  | 'connections'
  | 'environments'
  | 'models'
  | 'rules'
  | 'grants'
  | 'overrides'
  | 'extensions'

export const SECTION_NAMES = Object.keys(SECTIONS) as SectionName[]

export const sectionOf = (name: SectionName): Section => SECTIONS[name]

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

/** Whether two names mean the same entry: letter case tells no two apart, and base roles have several names. */
export const sameId = (name: SectionName, one: unknown, other: unknown): boolean =>
  typeof one === 'string' && typeof other === 'string' && normal(name, one) === normal(name, other)

const normal = (name: SectionName, id: string): string => fold(name === 'roles' ? canonicalRole(id) : id)

/** Whether an entry stands in no document and is always there. */
export const isBuiltIn = (name: SectionName, id: string): boolean =>
  name === 'roles' && isBaseRole(canonicalRole(id))

const folded = (text: unknown): unknown => (typeof text === 'string' ? fold(text) : text)
