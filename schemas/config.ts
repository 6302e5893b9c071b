import { z } from 'zod'
import { checkConfig } from './check-config.ts'
import { type ConfigError, placeOf, toErrors, wording } from './config-error.ts'
import { canonicalRole, TIERS } from './roles.ts'

const name = text(128)
/** User names and group names are the identity provider's. */
const subjectName = text(1024)
const reference = z
  .string()
  .max(64, 'should have at most 64 characters')
  .regex(/^[A-Za-z][A-Za-z0-9_-]*$/, {
    error: 'should be a letter, then letters, digits, `_` or `-`',
    abort: true,
  })
  .refine((text) => !(text in {}), 'should not be the name of something that every object has')
const urn = z
  .string()
  .max(512, 'should have at most 512 characters')
  .regex(
    /^urn:[A-Za-z0-9][A-Za-z0-9-]*:[A-Za-z0-9._:-]*[A-Za-z0-9_-]$/i,
    'should be a URN: `urn:acme:params:scim:User`',
  )
const roleName = z
  .string()
  .max(64, 'should have at most 64 characters')
  .regex(/^[A-Za-z0-9_-]+$/, 'should be the name of a role: letters, digits, `_` and `-`')
  .overwrite(canonicalRole)
const tier = z
  .string()
  .overwrite(canonicalRole)
  .pipe(z.enum(TIERS))
  .meta({ description: `A role tier: ${TIERS.join(', ')}.` })
const instant = z.iso
  .datetime({ offset: true, error: 'should be a moment with its time zone: `2027-01-31T00:00:00Z`' })
  .meta({ description: 'A moment with its time zone.' })
const scalar = z.union(
  [z.string().regex(/^[^\p{C}]*$/u, 'should have no control characters'), z.number()],
  'should be a text without control characters, or a number',
)
/** One value of a user attribute, or several. */
export const attributeValues = z
  .union([scalar, z.array(scalar)], 'should be a text, a number or a list of them')
  .meta({ description: 'One value, or a list of values where the attribute takes several.' })
/** As the database writes it, without quotes: what stands before the first dot is the schema. */
const objectName = text(256).refine(
  (name) => !/^\.|\.$|["`]/.test(name),
  'should be `schema.table` or `table`, without quotes',
)
const scimPath = z.string().min(1, 'should be a SCIM attribute path')

const mayGrant = z
  .strictObject({
    upTo: tier.optional().meta({ description: 'The highest tier that this directory may hand out.' }),
    attributes: z.record(reference, z.array(scalar)).default({}).meta({
      description: 'Per user attribute the values that this directory may hand out; others are refused.',
    }),
  })
  .meta({ description: 'What the data of this directory may hand out. Without it there is no ceiling.' })

const rateLimit = z
  .strictObject({
    perSecond: z
      .int('should be a whole number')
      .min(1, 'should be at least 1')
      .max(1_000_000, 'should be at most 1000000')
      .meta({ description: 'Requests a second in the long run.' }),
    burst: z
      .int('should be a whole number')
      .min(1, 'should be at least 1')
      .max(1_000_000, 'should be at most 1000000')
      .meta({ description: 'Requests at once after a pause.' }),
  })
  .meta({
    description:
      'How often this directory may ask, at each process. Without it what RATE_LIMIT and RATE_BURST say.',
  })

const people = z
  .int('should be a whole number')
  .min(1, 'should be at least 1')
  .max(1_000_000_000, 'should be at most 1000000000')

export const MEASURES = ['alarm', 'hold'] as const

const brake = z
  .strictObject({
    users: people.optional().meta({
      description: 'More people than so many are too many; default 500.',
    }),
    percent: z
      .number('should be a number')
      .min(0, 'should be at least 0')
      .max(100, 'should be at most 100')
      .optional()
      .meta({
        description:
          'More than so many percent of the directory are too many, but never up to 20 people; default 10.',
      }),
    minutes: z
      .int('should be a whole number')
      .min(1, 'should be at least 1')
      .max(1440, 'should be at most 1440, which is a day')
      .optional()
      .meta({ description: 'Within the last so many minutes; default 60.' }),
    measure: z
      .enum(MEASURES, { error: `should be one of ${MEASURES.join(', ')}` })
      .optional()
      .meta({
        description:
          'What becomes of access then. `alarm`, the default: it goes, and administrators are told. `hold`: who loses something from then on keeps it until an administrator releases or rejects that.',
      }),
  })
  .meta({
    description:
      'When too many people lose access by what this directory sends: an alarm is raised. The lower of the two limits counts.',
  })

export const MODES = ['tolerant', 'strict'] as const
export const REHIRES = ['new', 'revive', 'refuse'] as const

/** What is decided about a directory by configuration file and by API alike. */
export const directorySettings = {
  mode: z
    .enum(MODES, { error: `should be one of ${MODES.join(', ')}` })
    .optional()
    .meta({
      description:
        'How requests are read. `tolerant`, the default, makes allowance for the habits of identity providers; `strict` refuses what the RFCs do not say.',
    }),
  rehire: z
    .enum(REHIRES, { error: `should be one of ${REHIRES.join(', ')}` })
    .optional()
    .meta({
      description:
        'What becomes of a person who was deleted and comes back: `new`, the default, is a new user; `revive` the old one under its old id, deactivated ones included; `refuse` is an error.',
    }),
  brake: brake.optional(),
  mayGrant: mayGrant.optional(),
  rateLimit: rateLimit.optional(),
}

const directory = z.strictObject({
  name,
  provider: z.enum(['okta', 'entra', 'onelogin', 'google', 'jumpcloud', 'ping', 'generic']).meta({
    description: 'The identity provider behind the directory: decides which habits are understood.',
  }),
  ...directorySettings,
})

const matching = z.boolean().optional().meta({
  description:
    'Whether identity providers find people by this attribute, as by what Microsoft Entra calls a matching attribute: an index leads to whom an `eq` filter means, however many users there are.',
})

const extensionAttribute = z.strictObject({
  name: reference,
  type: z
    .enum(['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference'])
    .default('string'),
  description: z.string().optional(),
  multiValued: z.boolean().optional(),
  required: z.boolean().optional(),
  caseExact: z.boolean().optional(),
  mutability: z.enum(['readOnly', 'readWrite', 'immutable', 'writeOnly']).optional(),
  returned: z.enum(['always', 'never', 'default', 'request']).optional(),
  private: z.boolean().optional().meta({
    description:
      'Whether the audit keeps its values as salted hashes alone; so it does anyway with what is returned on request or never.',
  }),
  uniqueness: z.enum(['none', 'server', 'global']).optional().meta({
    description:
      'Whether two users may have the same value (RFC 7643 §7). `server`: no two users of a directory, and the attribute is a matching one too. `global` is refused: nothing is compared across directories.',
  }),
  matching,
  canonicalValues: z.array(z.string()).optional(),
  referenceTypes: z.array(z.enum(['User', 'Group', 'external', 'uri'])).optional(),
})

const extension = z
  .strictObject({
    urn,
    name: z.string().optional(),
    description: z.string().optional(),
    attributes: z.array(extensionAttribute).min(1, 'should have at least one attribute'),
  })
  .meta({ description: 'A SCIM extension schema of User (RFC 7643 §3.3, §7).' })

const userAttribute = z
  .strictObject({
    reference: reference.meta({
      description: 'The name by which connections and services know the attribute.',
    }),
    formerly: z.array(reference).default([]).meta({
      description:
        'The names that it had before it was renamed, the first one first. SCIM goes on under the first of them, so that users keep their values and no identity provider has to be changed; it is understood by every name.',
    }),
    label: z.string().optional(),
    description: z.string().optional(),
    type: z.enum(['string', 'number']).default('string'),
    multiple: z.boolean().default(false).meta({ description: 'Whether a user may have several values.' }),
    default: attributeValues
      .optional()
      .meta({ description: 'What a user has when nothing else gives a value.' }),
    from: scimPath.optional().meta({
      description:
        'The SCIM attribute of the user that feeds it: `department` of an extension behind its URN, `name.familyName`, or of several values the ones that a filter selects, such as `addresses[type eq "work"].country`.',
    }),
    valueMap: z
      .record(z.string(), scalar)
      .default({})
      .meta({ description: 'Translates what the identity provider sends: `{ FIN_ANALYST: finance }`.' }),
    matching,
  })
  .meta({ description: 'A named value that a user has, such as `db_role`.' })

const role = z
  .strictObject({
    name: roleName,
    displayName: z.string().min(1, 'should be a name for people'),
    description: z.string().optional(),
    tier: tier.optional().meta({
      description:
        'The tier, for a role that is told by what it lacks (`without`). That of a role with `permissions` is the highest whose core permission it holds.',
    }),
    permissions: z.array(z.string()).optional().meta({ description: 'All permissions of the role.' }),
    without: z
      .array(z.string())
      .optional()
      .meta({ description: 'The permissions of the base role of the tier that this role lacks.' }),
  })
  .meta({ description: 'A custom role: a variation inside a tier.' })

const grantTo = z
  .strictObject({
    directory: name.optional().meta({ description: 'Only users and groups of this directory.' }),
    users: z.array(subjectName).default([]).meta({ description: 'User names.' }),
    groups: z.array(subjectName).default([]).meta({ description: 'Group names.' }),
  })
  .meta({ description: 'Who may ask for this connection by name.' })

const environment = z.strictObject({
  connection: name.meta({ description: 'Another connection of the same dialect.' }),
  values: z.array(scalar).default([]).meta({ description: 'The attribute values that lead here.' }),
  grantTo: grantTo.optional(),
})

const connection = z
  .strictObject({
    name,
    dialect: z.string().regex(/^[a-z][a-z0-9_]*$/, 'should be a database dialect in lower case: `postgres`'),
    url: z
      .string()
      .regex(
        /^(?:env:[A-Za-z_][A-Za-z0-9_]*|file:.+|secret:[A-Za-z0-9][A-Za-z0-9._-]*)$/,
        'should be a reference to a secret, `env:NAME`, `file:/path` or `secret:name`, never the secret itself',
      )
      .optional()
      .meta({
        description:
          'Where the URL of the database is: `env:NAME` an environment variable of the process, `file:/path` a file, `secret:name` a secret that was set with `signalbox secret set`.',
      }),
    baseRole: roleName.optional().meta({ description: 'What everybody has here at least.' }),
    environmentAttribute: z
      .string()
      .optional()
      .meta({ description: 'The user attribute whose value decides the environment.' }),
    values: z
      .array(scalar)
      .default([])
      .meta({ description: 'The attribute values that lead to this connection itself.' }),
    grantTo: grantTo.optional(),
    environments: z.array(environment).default([]),
    assignDynamically: z.boolean().default(true).meta({
      description:
        'Whether the values of `environmentAttribute` decide the environment. With `false` they are kept and decide nothing: everybody runs as this connection itself, but for those who ask for an environment by name that is granted to them.',
    }),
    whenUnmatched: z.enum(['deny', 'base']).default('deny').meta({
      description:
        'What a missing value, or one that leads nowhere, means. `base` runs as this connection itself.',
    }),
    whenAmbiguous: z.enum(['deny', 'firstInOrder']).default('deny').meta({
      description:
        'What values that lead to different connections mean. `firstInOrder` takes the first environment in the order of this file, this connection itself last.',
    }),
  })
  .meta({ description: 'A database connection, with its environments if it is a primary connection.' })

const model = z
  .strictObject({
    name,
    connection: name,
    objects: z.array(objectName).default([]).meta({
      description:
        'The tables and views of the database that the model refers to, as `schema.table` or `table`; `signalbox check` looks for them as every environment.',
    }),
  })
  .meta({ description: 'A data model built on a connection.' })

const target = z
  .union(
    [name, z.strictObject({ connection: name }), z.strictObject({ model: name })],
    'should be the name of a connection, `{ connection: … }` or `{ model: … }`',
  )
  .meta({ description: 'Where a role is granted.' })

const rule = z
  .strictObject({
    name,
    directory: name.optional().meta({ description: 'Only users of this directory.' }),
    group: subjectName
      .optional()
      .meta({ description: 'Only members of this group, nested groups included.' }),
    when: z.string().min(1, 'should be a SCIM filter').optional().meta({
      description: 'Only users that match this SCIM filter (RFC 7644 §3.4.2.2).',
    }),
    grant: z.strictObject({ role: roleName, on: target }).optional(),
    set: z
      .record(z.string(), attributeValues)
      .optional()
      .meta({ description: 'User attribute values by reference.' }),
    from: instant.optional(),
    until: instant.optional(),
    reason: z.string().optional().meta({ description: 'Why the rule is there; decisions show it.' }),
  })
  .meta({
    description:
      'Who is in this group and matches this filter gets this role there and these values, within the time of the rule.',
  })

const grant = z
  .strictObject({
    user: subjectName.meta({ description: 'A user name.' }),
    directory: name.optional(),
    role: roleName,
    on: target,
    from: instant.optional(),
    until: instant.optional(),
    reason: z.string().optional(),
  })
  .meta({ description: 'A role for one user.' })

const override = z
  .strictObject({
    user: subjectName.meta({ description: 'A user name.' }),
    directory: name.optional(),
    attribute: z.string().meta({ description: 'The reference of a user attribute.' }),
    value: attributeValues,
    until: instant.optional(),
    reason: z.string().optional(),
  })
  .meta({ description: 'An attribute value for one user that goes before everything else.' })

const protectedUser = z
  .strictObject({
    user: subjectName.meta({ description: 'A user name.' }),
    directory: name.optional(),
    reason: z.string().optional(),
  })
  .meta({
    description: 'A user who loses nothing by what a directory sends, until an administrator releases it.',
  })

/** The configuration file: everything that an administrator decides. */
export const configSchema = z
  .strictObject({
    directories: z.array(directory).default([]),
    extensions: z.array(extension).default([]),
    userAttributes: z.array(userAttribute).default([]),
    userAttributeAliases: z
      .array(urn)
      .default([])
      .meta({ description: 'Further URNs under which the user attributes are known to SCIM clients.' }),
    roles: z.array(role).default([]),
    roleOrder: z.partialRecord(z.enum(TIERS), z.array(roleName)).default({}).meta({
      description:
        'Per tier its roles, strongest first, the base role included. Roles that are not named follow: the base role, then the others in the order of this file.',
    }),
    connections: z.array(connection).default([]),
    models: z.array(model).default([]),
    rules: z.array(rule).default([]).meta({ description: 'The first rule that applies decides a value.' }),
    grants: z.array(grant).default([]),
    overrides: z.array(override).default([]),
    protectedUsers: z.array(protectedUser).default([]),
  })
  .meta({ description: 'The configuration of an installation.' })

export type Config = z.output<typeof configSchema>
export type MayGrant = z.output<typeof mayGrant>
export type Mode = (typeof MODES)[number]
export type Rehire = (typeof REHIRES)[number]
export type Measure = (typeof MEASURES)[number]
export type Brake = z.output<typeof brake>
export type RateLimit = z.output<typeof rateLimit>
export type AttributeValues = z.output<typeof attributeValues>
export type GrantTarget = z.output<typeof target>

/**
 * Reads a configuration document. Names of base roles become canonical; everything else stays as it was written.
 *
 * SCIM paths and filters inside it are left unread: they need the registry that this configuration makes.
 * See `checkFilters`.
 */
export function parseConfig(
  document: unknown,
): { ok: true; config: Config } | { ok: false; errors: ConfigError[] } {
  const hidden = protoKeys(document, [])
  if (hidden.length > 0) return { ok: false, errors: hidden }
  const parsed = configSchema.safeParse(document ?? {}, { error: wording })
  const errors = parsed.success ? checkConfig(parsed.data) : parsed.error.issues.flatMap(toErrors)
  return parsed.success && errors.length === 0 ? { ok: true, config: parsed.data } : { ok: false, errors }
}

/** Keys named `__proto__`: zod leaves them out of records without a word. Deeper than any setting is zod's to refuse. */
function protoKeys(value: unknown, path: readonly PropertyKey[]): ConfigError[] {
  if (typeof value !== 'object' || value === null || path.length > DEEPEST_SETTING) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, Array.isArray(value) ? Number(key) : key]
    if (key === '__proto__') return [{ path: placeOf(place), message: '`__proto__` cannot be a key' }]
    return protoKeys(inner, place)
  })
}

const DEEPEST_SETTING = 8

/** A name: at most that long, without space around it and without control characters. */
function text(max: number) {
  return z
    .string()
    .max(max, `should have at most ${max} characters`)
    .regex(/^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u, 'should be a name, without space around it')
}
