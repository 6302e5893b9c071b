/** JSON as it is sent and answered. */
export type Json = string | number | boolean | null | Json[] | Doc
export interface Doc {
  [name: string]: Json
}

/** What the model knows about an attribute (RFC 7643 §7). */
export interface Kind {
  readonly type: 'string' | 'boolean' | 'integer' | 'dateTime' | 'complex'
  readonly many?: true
  readonly exact?: true
  readonly required?: true
  /** The server's to say: `readOnly`. */
  readonly owned?: true
  readonly subs?: Kinds
}
export type Kinds = Readonly<Record<string, Kind>>

/** The names on the way to an attribute. An extension is the first of them. */
export type Path = readonly string[]

export type TypeName = 'User' | 'Group'

export const BASE = {
  User: 'urn:ietf:params:scim:schemas:core:2.0:User',
  Group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
} as const
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
/** The extension that the configuration declares. */
export const RAIL = 'urn:ietf:params:scim:schemas:extension:Rail:2.1:User'

const text: Kind = { type: 'string' }
const exact: Kind = { type: 'string', exact: true }
const flag: Kind = { type: 'boolean' }
const moment: Kind = { type: 'dateTime' }
const complex = (subs: Kinds): Kind => ({ type: 'complex', subs })
const several = (subs: Kinds): Kind => ({ type: 'complex', many: true, subs })
const labelled = several({ value: text, display: text, type: text, primary: flag })
const owned = (kind: Kind): Kind => ({ ...kind, owned: true })

const common: Kinds = {
  schemas: owned({ ...text, many: true }),
  id: owned(exact),
  externalId: exact,
  meta: owned(complex({ resourceType: exact, created: moment, lastModified: moment, version: exact })),
}

/** The attributes that the model plays with; extensions stand under their URNs, as in a resource. */
export const ATTRIBUTES: Readonly<Record<TypeName, Kinds>> = {
  User: {
    ...common,
    userName: { ...text, required: true },
    displayName: text,
    userType: text,
    active: flag,
    name: complex({ givenName: text, familyName: text, formatted: text }),
    emails: labelled,
    phoneNumbers: labelled,
    addresses: several({ locality: text, country: text, type: text, primary: flag }),
    groups: owned(several({ value: exact, display: text, type: text })),
    [ENTERPRISE]: complex({
      department: text,
      employeeNumber: text,
      manager: complex({ value: exact, displayName: owned(text) }),
    }),
    [RAIL]: complex({
      dbRoles: { ...text, many: true },
      badge: exact,
      level: { type: 'integer' },
      since: moment,
      remote: flag,
    }),
  },
  Group: {
    ...common,
    displayName: { ...text, required: true },
    members: several({ value: exact, display: text, type: text }),
  },
}

export const isUrn = (name: string | undefined): boolean => name?.startsWith('urn:') ?? false

/** The attribute at a path; undefined where there is none. */
export function kindAt(kinds: Kinds, [name = '', ...rest]: Path): Kind | undefined {
  const kind = kinds[name]
  return rest.length === 0 || kind === undefined ? kind : kindAt(kind.subs ?? {}, rest)
}

/** All values at a path, whichever element they are in. */
export function valuesAt(value: Json | undefined, path: Path): Json[] {
  return path.reduce(
    (values, name) => values.flatMap((each) => (isDoc(each) ? listOf(each[name]) : [])),
    [...listOf(value)],
  )
}

export const isDoc = (value: Json | undefined): value is Doc =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value as text. */
export const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Date and time, as far as the model plays with them (RFC 7643 §2.3.5). */
export const isMoment = (value: Json): boolean => /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(asText(value))

export const listOf = (value: Json | undefined): Json[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]

/** Text as it is compared: letter case, composition and compatibility forms do not count unless it is exact (RFC 7644 §7.8). */
export const folded = (value: string, { exact: isExact }: Pick<Kind, 'exact'> = {}): string =>
  isExact ? value : value.normalize('NFKC').toLowerCase()
