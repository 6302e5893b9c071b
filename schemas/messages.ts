import { z } from 'zod'
import { attributeValues, directorySettings, MEASURES, MODES, REHIRES } from './config.ts'

/** What `/api/v1` takes and answers: the one source of its checks, its types and `/openapi.json`. */

export const instant = z
  .string()
  .meta({ description: 'ISO 8601 in UTC', example: '2026-11-22T04:00:00.000Z' })
const position = z
  .number()
  .int()
  .meta({ description: 'Position in the change feed that the answer is computed from' })

/** A past moment that is asked about, in the form in which moments are stored. */
const moment = z.iso
  .datetime({
    offset: true,
    error: 'must be a moment in ISO 8601 with its time zone, such as 2026-11-22T04:00:00Z',
    abort: true,
  })
  .overwrite((text) => new Date(text).toISOString())

/** A text that both databases can hold. */
export const text = () => z.string().regex(/^[^\0]*$/, 'must not contain the character U+0000')

export const PROVIDERS = ['okta', 'entra', 'onelogin', 'google', 'jumpcloud', 'ping', 'generic'] as const

export const problem = z
  .looseObject({
    status: z.number().int(),
    title: z.string(),
    detail: z.string().meta({ description: 'One sentence that says what to do' }),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .meta({ description: 'One entry per wrong place' }),
  })
  .meta({ id: 'Problem', description: 'Problem details (RFC 9457)' })

export const newDirectory = z
  .strictObject({
    name: text()
      .trim()
      .min(1, 'must not be empty')
      .max(100, 'must have at most 100 characters')
      .meta({ example: 'okta' }),
    provider: z.enum(PROVIDERS, { error: `must be one of ${PROVIDERS.join(', ')}` }).default('generic'),
    ...directorySettings,
  })
  .meta({ id: 'NewDirectory' })

export const directoryChange = z
  .strictObject({
    ...directorySettings,
    mayGrant: directorySettings.mayGrant.nullable(),
    rateLimit: directorySettings.rateLimit.nullable(),
  })
  .meta({
    id: 'DirectoryChange',
    description:
      'What is left out stays as it is; a ceiling is replaced as a whole. Null takes a ceiling or a rate limit away',
  })

export const directory = z
  .looseObject({
    id: z.string(),
    name: z.string(),
    provider: z.enum(PROVIDERS),
    scimUrl: z
      .string()
      .meta({ description: 'What to enter in the identity provider as base URL or tenant URL' }),
    mode: z.enum(MODES),
    rehire: z.enum(REHIRES),
    brake: z
      .looseObject({ users: z.number(), percent: z.number(), minutes: z.number(), measure: z.enum(MEASURES) })
      .meta({
        description:
          'How many people may lose access by what the directory sends before it counts as too many',
      }),
    mayGrant: directorySettings.mayGrant,
    rateLimit: directorySettings.rateLimit,
    createdAt: instant,
    users: z.number().int().optional(),
    groups: z.number().int().optional(),
  })
  .meta({ id: 'Directory', description: 'One connection from an identity provider' })

export const quirk = z
  .looseObject({
    kind: z.enum(['rewrite', 'attribute']).meta({
      description: 'A habit that was made allowance for, or an attribute that no schema knows',
    }),
    name: z.string().meta({ example: 'N5' }),
    does: z.string().meta({ description: 'What such a request is taken to mean' }),
    times: z.number().int().meta({ description: 'Requests that were answered by it' }),
    firstAt: instant,
    lastAt: instant,
    example: z
      .string()
      .meta({ description: 'How one of the last such requests was built, without its values' }),
    sources: z.array(z.string()).meta({ description: 'Where the habit is described or was recorded' }),
  })
  .meta({ id: 'Quirk' })

export const pendingMember = z
  .looseObject({
    directory: z.object({ id: z.string(), name: z.string() }),
    group: z.object({ id: z.string(), displayName: z.string() }),
    value: z.string().meta({ description: 'What the identity provider sent as the id of the member' }),
    since: instant,
  })
  .meta({ id: 'PendingMember', description: 'A member that was sent and is not here yet' })

export const SCOPES = ['scim', 'read', 'admin'] as const

export const newToken = z
  .strictObject({
    scope: z.enum(SCOPES, { error: `must be one of ${SCOPES.join(', ')}` }),
    directory: text()
      .min(1)
      .optional()
      .meta({ description: 'Name or id; needed for the scope `scim`, not allowed for the others' }),
    label: text().trim().max(200).default('').meta({ example: 'Okta production' }),
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be a moment in ISO 8601, such as 2027-01-31T00:00:00Z' })
      .nullable()
      .optional()
      .meta({ description: 'Default: in one year; null: never' }),
  })
  .meta({ id: 'NewToken' })

export const token = z
  .looseObject({
    id: z.string(),
    prefix: z.string().meta({ description: 'The public part: what logs and lists show' }),
    scope: z.enum(SCOPES),
    directory: z.string().nullable().meta({ description: 'Id of the directory of a `scim` token' }),
    directoryName: z.string().nullable(),
    state: z.enum(['valid', 'expired', 'revoked']),
    label: z.string(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: 'Token' })

export const issuedToken = token
  .extend({ token: z.string().meta({ description: 'The token itself: shown this once, never again' }) })
  .meta({ id: 'IssuedToken' })

const claim = () => text().trim().min(1, 'must not be empty').max(500, 'must have at most 500 characters')

/** A public key as RFC 7517 writes it. */
const publicKey = z
  .looseObject({
    kty: z.enum(['RSA', 'EC', 'OKP'], { error: 'must be RSA, EC or OKP: a public key' }),
    kid: text().optional(),
  })
  .refine((key) => !('d' in key) && !('k' in key), 'must be the public part alone, without `d`')

export const trust = z
  .strictObject({
    issuer: claim().optional().meta({
      description: '`iss` of the assertions; default: the client id',
      example: 'https://login.microsoftonline.com/<tenant>/v2.0',
    }),
    subject: claim().optional().meta({ description: '`sub` of the assertions; default: the client id' }),
    audience: claim()
      .optional()
      .meta({ description: '`aud` of the assertions; default: the issuer address of the directory' }),
    jwksUrl: z
      .url({ error: 'must be the address of a key set' })
      .max(2000)
      .refine(isSafeAddress, 'must begin with `https://`')
      .optional()
      .meta({ description: 'Where the issuer shows its public keys' }),
    jwks: z
      .strictObject({ keys: z.array(publicKey).min(1, 'must have at least one key').max(50) })
      .optional()
      .meta({ description: 'The public keys themselves (RFC 7517)' }),
  })
  .refine(
    ({ jwksUrl, jwks }) => (jwksUrl === undefined) !== (jwks === undefined),
    'must have either `jwksUrl` or `jwks`',
  )
  .meta({ id: 'Trust', description: 'Whose assertions a client may show instead of a secret (RFC 7523)' })

/** Keys are fetched over TLS; the machine itself needs none. */
function isSafeAddress(address: string): boolean {
  const { protocol, hostname, username, password } = new URL(address)
  if (username !== '' || password !== '') return false
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(127\.0\.0\.1|localhost|\[::1\])$/.test(hostname))
  )
}

export const newClient = z
  .strictObject({
    label: text().trim().max(200).default('').meta({ example: 'Entra production' }),
    tokenSeconds: z
      .int('must be a whole number')
      .min(3600, 'must be at least 3600')
      .max(21_600, 'must be at most 21600')
      .default(3600)
      .meta({ description: 'How long its access tokens live' }),
    trust: trust.optional().meta({
      description:
        'Given: the client shows assertions. Absent: it shows a secret, and gets its first one now',
    }),
  })
  .meta({ id: 'NewClient' })

export const newClientSecret = z
  .strictObject({
    label: text().trim().max(200).default(''),
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be a moment in ISO 8601, such as 2027-01-31T00:00:00Z' })
      .nullable()
      .optional()
      .meta({ description: 'Default: in one year; null: never' }),
  })
  .meta({ id: 'NewClientSecret' })

export const clientSecret = z
  .looseObject({
    id: z.string().meta({ description: 'The public part: what logs and lists show' }),
    label: z.string(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    revokedAt: instant.nullable(),
    lastUsedAt: instant.nullable(),
  })
  .meta({ id: 'ClientSecret' })

const shownOnce = z.string().meta({ description: 'The secret itself: shown this once, never again' })

export const issuedClientSecret = clientSecret
  .extend({ secret: shownOnce })
  .meta({ id: 'IssuedClientSecret' })

export const client = z
  .looseObject({
    id: z.string().meta({ description: 'The client id' }),
    directory: z.string().meta({ description: 'Id of the directory' }),
    label: z.string(),
    tokenSeconds: z.int(),
    trust: z.looseObject({ issuer: z.string(), subject: z.string(), audience: z.string() }).nullable(),
    tokenUrl: z.string().meta({ description: 'What to enter in the identity provider as token endpoint' }),
    createdAt: instant,
    revokedAt: instant.nullable(),
    lastUsedAt: instant.nullable(),
    secrets: z.array(clientSecret),
  })
  .meta({
    id: 'Client',
    description: 'An identity provider that fetches its own tokens (OAuth 2.0 client credentials)',
  })

export const createdClient = client.extend({ secret: shownOnce.optional() }).meta({ id: 'CreatedClient' })

export const REASONS = [
  'unknown_user',
  'inactive',
  'no_access',
  'no_value',
  'unmatched',
  'ambiguous',
  'refused',
] as const

export const basis = z
  .looseObject({
    fact: z.enum(['configuration', 'membership', 'name', 'attribute', 'ceiling', 'departure']),
    text: z.string(),
    at: instant.nullable().meta({
      description: 'Since when it stands as it does; null: for longer than history tells',
    }),
    revision: z.number().int().optional().meta({ description: 'The revision that brought it' }),
    request: z.string().optional().meta({ description: 'The id of the request that brought it' }),
    action: z.string().optional().meta({ example: 'group.updated' }),
    actor: z.string().optional().meta({ example: 'token:sb_4fQx9ZtR1c' }),
    token: z.string().optional().meta({ description: 'What the token or client is called' }),
  })
  .meta({ id: 'Basis', description: 'Something recorded that a reason rests on; with `explain`' })

export const because = z
  .looseObject({
    step: z.enum(['user', 'role', 'attribute', 'environment']),
    kind: z.string().meta({ description: 'What the reason says, for programs', example: 'granted' }),
    text: z.string().meta({ description: 'The same for people' }),
    source: z
      .enum(['override', 'directory', 'rule', 'default', 'base', 'direct', 'context'])
      .optional()
      .meta({ description: 'Where a value or a grant comes from' }),
    rule: z.string().optional(),
    group: z.string().optional().meta({ description: 'The group that the rule means' }),
    through: z
      .array(z.string())
      .optional()
      .meta({ description: 'The groups between the user and that group, the user’s own first' }),
    directory: z.string().optional(),
    attribute: z.string().optional(),
    values: z.array(z.string()).optional(),
    path: z.string().optional().meta({ description: 'The SCIM attribute that values were read from' }),
    sent: z
      .array(z.string())
      .optional()
      .meta({ description: 'What the identity provider sent, where the value map translated it' }),
    role: z.string().optional(),
    tier: z.string().optional(),
    on: z
      .union([z.object({ connection: z.string() }), z.object({ model: z.string() })])
      .optional()
      .meta({ description: 'What a role is granted on' }),
    connection: z.string().optional(),
    value: z.string().optional(),
    near: z.string().optional().meta({ description: 'The configured value that a near miss came near' }),
    from: z.string().optional(),
    until: z.string().optional(),
    note: z.string().optional().meta({ description: 'Why an administrator made it' }),
    restsOn: z.array(basis).optional(),
  })
  .meta({ id: 'Because', description: 'One reason; which fields are there depends on its kind' })

export const decision = z
  .looseObject({
    decision: z.enum(['allow', 'deny']),
    reason: z.enum(REASONS).nullable().meta({ description: 'Why not; null when allowed' }),
    environment: z.object({ connection: z.string(), value: z.string().nullable() }).nullable().meta({
      description: 'The connection that the queries of this person run on, and the value that led there',
    }),
    role: z.object({ name: z.string(), tier: z.string() }).nullable(),
    permissions: z.array(z.string()),
    attributes: z.record(z.string(), z.unknown()),
    because: z.array(because),
    held: z
      .looseObject({ since: instant, alarm: z.string(), kind: z.enum(['brake', 'protected']) })
      .optional()
      .meta({ description: 'There where access stays as it was although the directory says otherwise' }),
  })
  .meta({
    id: 'Decision',
    description: 'As which role, in which environment, do this person’s queries run, and why',
  })

const whyNot = z
  .looseObject({
    wanted: z.union([z.object({ role: z.string() }), z.object({ environment: z.string() })]),
    has: z.boolean().meta({ description: 'Whether the user has it after all' }),
    ways: z.array(
      z.object({
        text: z.string().meta({ example: 'rule `finance analysts` gives `querier` on `warehouse`' }),
        rule: z.string().optional(),
        fails: z.array(z.string()).meta({ description: 'What stands in the way, the first condition first' }),
      }),
    ),
    more: z.int().meta({ description: 'How many further ways there are' }),
  })
  .meta({ id: 'WhyNot', description: 'The nearest ways to a role or an environment; with `whyNot`' })

export const answer = decision
  .extend({ position, at: instant, whyNot: z.array(whyNot).optional() })
  .meta({ id: 'Answer' })

const at = moment.optional().meta({
  description: 'A past moment: the answer is that of then, by what was known then; default: now',
})

const EXPLAIN = {
  description: 'Whether each reason says what it rests on: the request, the token, the revision',
}

/** In an address there are texts alone. */
const explainQuery = z
  .enum(['true', 'false'], 'must be `true` or `false`')
  .transform((text) => text === 'true')
  .optional()
  .meta(EXPLAIN)

export const question = z
  .strictObject({
    user: text().min(1).meta({ description: 'Id, user name, external id or e-mail address' }),
    connection: text().min(1).meta({ description: 'Name of the connection' }),
    directory: text()
      .min(1)
      .optional()
      .meta({ description: 'Name or id, where the user alone is not enough' }),
    model: text().min(1).optional().meta({ description: 'Name of a model on the connection' }),
    environment: text()
      .min(1)
      .optional()
      .meta({ description: 'The environment that was picked, by the name of its connection' }),
    at,
    explain: z.boolean().optional().meta(EXPLAIN),
    whyNot: text().min(1).optional().meta({
      description:
        'A role, or an environment of the connection: the answer tells the nearest ways to it, and what each fails on',
    }),
  })
  .meta({ id: 'Question' })

const ROLES_BY_NAME = z.record(z.string(), z.string()).default({})

export const embeddedQuestion = z
  .strictObject({
    connection: text().min(1).meta({ description: 'Name of the connection' }),
    model: text().min(1).optional().meta({ description: 'Name of a model on the connection' }),
    environment: text().min(1).optional().meta({ description: 'An environment that was asked for by name' }),
    connectionRoles: ROLES_BY_NAME.meta({
      description: 'Per connection a role that resolves to Viewer or Restricted Querier',
      example: { warehouse: 'RESTRICTED_QUERIER' },
    }),
    modelRoles: ROLES_BY_NAME.meta({
      description:
        'Per model a role that resolves to Viewer or Restricted Querier; one that is weaker than that of the connection is lifted to it',
    }),
    attributes: z
      .record(z.string(), attributeValues)
      .default({})
      .meta({ description: 'User attribute values by reference', example: { db_role: 'analyst' } }),
  })
  .meta({ id: 'EmbeddedQuestion', description: 'What an application says of somebody whom it embeds' })

export const questionQuery = z.strictObject({ ...question.shape, explain: explainQuery })

export const accessQuery = z.strictObject({ at, explain: explainQuery })

export const questions = z
  .strictObject({
    questions: z
      .array(question)
      .min(1, 'must have at least one question')
      .max(1000, 'must have at most 1000 questions'),
  })
  .meta({ id: 'Questions' })

export const answers = z
  .looseObject({
    decisions: z.array(
      z.union([answer.partial().extend({ question }), z.looseObject({ question, problem })]).meta({
        description: 'In the order of the questions; a question that cannot be answered carries its problem',
      }),
    ),
    position,
    at: instant,
  })
  .meta({ id: 'Answers' })

export const access = z
  .looseObject({
    user: z.looseObject({
      id: z.string(),
      userName: z.string(),
      active: z.boolean(),
      directory: z.object({ id: z.string(), name: z.string() }),
    }),
    connections: z.record(z.string(), decision),
    position,
    at: instant,
  })
  .meta({ id: 'Access', description: 'Everything that one person has' })

export const assignment = z
  .looseObject({
    user: z.object({ id: z.string(), userName: z.string() }),
    directory: z.object({ id: z.string(), name: z.string() }),
    connection: z.string(),
    decision: z.enum(['allow', 'deny']),
    reason: z.enum(REASONS).nullable(),
    role: z.string().nullable(),
    tier: z.string().nullable(),
    environment: z.string().nullable(),
    value: z.string().nullable(),
  })
  .meta({ id: 'Assignment' })

export const paging = {
  limit: z.coerce
    .number({ error: 'must be a whole number from 1 to 1000' })
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1000, 'must be at most 1000')
    .default(100)
    .meta({ description: 'Entries on one page' }),
  cursor: z.string().optional().meta({ description: '`nextCursor` of the page before' }),
}

export const assignmentQuery = z.strictObject({
  connection: z.string().optional(),
  role: z.string().optional(),
  tier: z.string().optional(),
  environment: z.string().optional(),
  value: z.string().optional(),
  decision: z.enum(['allow', 'deny'], { error: 'must be `allow` or `deny`' }).optional(),
  reason: z.enum(REASONS, { error: `must be one of ${REASONS.join(', ')}` }).optional(),
  directory: z.string().optional().meta({ description: 'Name or id' }),
  held: z
    .enum(['true'], { error: 'must be `true`' })
    .optional()
    .meta({ description: 'Access that stays as it was although the directory says otherwise' }),
  search: z.string().optional().meta({ description: 'Part of the user name' }),
  ...paging,
})

export const assignments = z
  .looseObject({
    assignments: z.array(assignment),
    nextCursor: z.string().optional().meta({ description: 'Absent on the last page' }),
    recomputing: z.boolean().meta({
      description:
        'True while a change of configuration is still being worked off: this list may lag, resolve does not',
    }),
  })
  .meta({ id: 'Assignments' })

export const configChange = z
  .looseObject({
    change: z.enum(['added', 'changed', 'removed', 'renamed']),
    kind: z.string().meta({ example: 'connection' }),
    name: z.string().meta({ description: 'Empty where a section is compared as a whole' }),
    formerName: z.string().optional().meta({ description: 'What it was called, where it is renamed' }),
    fields: z
      .array(
        z.looseObject({
          field: z.string(),
          before: z.unknown().optional().meta({ description: 'Absent where there was none' }),
          after: z.unknown().optional().meta({ description: 'Absent where there is none' }),
        }),
      )
      .meta({ description: 'The settings that are different' }),
  })
  .meta({ id: 'ConfigChange' })

export const finding = z
  .looseObject({
    code: z.string().meta({ example: 'unused-value' }),
    severity: z.enum(['warning', 'note']),
    path: z.string().meta({ example: 'connections[0].environments[1].values[0]' }),
    message: z.string(),
    todo: z.string().meta({ description: 'What to do about it' }),
  })
  .meta({ id: 'Finding', description: 'What can be applied as it is, and may not be what was meant' })

export const applied = z
  .looseObject({
    revision: z.number().int(),
    changes: z.array(configChange),
    warnings: z.array(finding).meta({
      description:
        'What was done as it was written, and may not be what was meant; of an edit what it brought about, and what is about its entry',
    }),
  })
  .meta({ id: 'Applied' })

export const status = z
  .looseObject({
    version: z.string(),
    engine: z.enum(['sqlite', 'postgres']),
    revision: z
      .number()
      .int()
      .meta({ description: 'Revision of the configuration in force; 0: none applied yet' }),
    position,
    directories: z.array(
      directory.extend({ lastRequestAt: instant.nullable(), lastChangeAt: instant.nullable() }),
    ),
    held: z.number().int().meta({ description: 'People whose access stays as it was' }),
    openAlarms: z.number().int().meta({ description: 'Alarms that no administrator has dealt with' }),
    recomputing: z.array(
      z.object({
        id: z.number().int(),
        what: z.enum(['decisions', 'documents']).meta({
          description:
            'What is recomputed: decisions, which resolve takes from the facts meanwhile, or documents by which filters compare',
        }),
        attributes: z.array(z.string()).meta({
          description: 'The attributes by which no filter compares meanwhile, where it is documents',
        }),
        cause: z.string(),
        createdAt: instant,
        done: z.number().int(),
        total: z.number().int(),
      }),
    ),
  })
  .meta({ id: 'Status' })
