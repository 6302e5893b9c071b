import { z } from 'zod'
import { applied, paging } from '../messages.ts'
import { plan } from './plans.ts'
import { TIERS } from '../roles.ts'
import { asWritten } from './as-written.ts'

/** Whether a value is an object with settings, whichever: what they may be is said by the section. */
const isSettings = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** An entry of the configuration, or a change of one: it is checked where the whole configuration is. */
export const settings = z.custom<Readonly<Record<string, unknown>>>(
  isSettings,
  'should be an object with settings',
)

/** A change of an entry: any of its settings, and null to take one out. */
export function changeOf(schema: z.ZodObject): z.ZodObject {
  const fields = Object.entries(schema.shape) as [string, z.ZodType][]
  return z.strictObject(
    Object.fromEntries(fields.map(([name, field]) => [name, field.nullable().optional()])),
  )
}

const facts = z
  .looseObject({
    position: z
      .int()
      .optional()
      .meta({ description: 'Of a role in its tier, of what has an order in its list; from 1' }),
    base: z.boolean().optional().meta({ description: 'Whether the role is one that is always there' }),
    tier: z.enum(TIERS).optional().meta({ description: 'Of a role' }),
    tierRank: z.int().optional().meta({ description: 'Of a role: the higher, the stronger' }),
    permissions: z
      .array(z.string())
      .optional()
      .meta({ description: 'Of a role, those of its tier included' }),
    resolvedRole: z
      .object({ name: z.string(), displayName: z.string() })
      .optional()
      .meta({ description: 'The base role that the permissions amount to' }),
    exceptions: z
      .unknown()
      .optional()
      .meta({ description: 'Where the permissions differ from that base role' }),
    environments: z.array(z.string()).optional().meta({ description: 'Of a connection' }),
    environmentOf: z.array(z.string()).optional().meta({ description: 'The connections that it is one of' }),
    models: z.array(z.string()).optional().meta({ description: 'The models on the connection' }),
    extraModels: z.array(z.string()).optional().meta({ description: 'The models on its environments' }),
  })
  .meta({
    id: 'Facts',
    description: 'What follows from it and is not written; which are there depends on what it is',
  })

const view = {
  id: z.string().meta({ description: 'Its name, or what stands for it where it has none' }),
  entry: z.looseObject({}).meta({ description: 'As it was written: what can be sent again' }),
  facts,
  uses: z.array(z.string()).meta({ description: 'The first 100 places of the configuration that name it' }),
  useCount: z.number().int().meta({ description: 'How many places name it' }),
}
const revision = z.number().int().meta({ description: 'The revision in force; `ETag` has it too' })

/** One entry of a section. */
export const entryOf = (schema: z.ZodType) => z.looseObject({ revision, ...view, entry: asWritten(schema) })

/** One page of a section, under the name that the configuration has for it. */
export const entriesOf = (list: string, schema: z.ZodType) =>
  z.looseObject({
    revision,
    [list]: z.array(z.looseObject({ ...view, entry: asWritten(schema) })),
    nextCursor: z.string().optional(),
  })

export const entryListQuery = z.strictObject({
  search: z.string().optional().meta({ description: 'Part of any text of an entry' }),
  ...paging,
})

/** What may be asked of every edit. */
export const editQuery = z.strictObject({
  dryRun: z.enum(['true', 'plan'], 'should be `true` or `plan`').optional().meta({
    description:
      'Changes nothing, and answers 200 with what would be different. `plan` also plans it, as `POST /plan` does: `plan` of the answer tells whom it affects, and can be applied',
  }),
})

export const removeQuery = editQuery.extend({
  uses: z
    .enum(['remove'], 'should be `remove`')
    .optional()
    .meta({ description: 'Takes out what names it too; without it that is a 409 that lists these places' }),
  replaceWith: z.string().optional().meta({ description: 'Names this role there instead; for roles alone' }),
})

export const removeExtraQuery = removeQuery.omit({ replaceWith: true }).extend({
  model: z.string().optional().meta({ description: 'One of them; without it all' }),
  confirm: z
    .string()
    .optional()
    .meta({ description: 'The name of the connection; without it that is a 409 that lists the models' }),
})

/** The answer to an edit; what was removed or only moved has no entry. */
export const edited = applied
  .extend({
    ...z.object(view).partial().shape,
    dryRun: z.boolean().optional().meta({ description: 'Nothing was changed' }),
    plan: plan.optional().meta({ description: 'With `dryRun=plan`: whom it affects' }),
  })
  .meta({ id: 'Edited' })

const place = z.string().min(1, 'should be the name of an entry')
export const newPlace = z
  .union(
    [
      z.strictObject({ before: place }),
      z.strictObject({ after: place }),
      z.strictObject({ position: z.int().min(1) }),
    ],
    'should be `{ before: … }`, `{ after: … }` or `{ position: … }`, which counts from 1',
  )
  .meta({ id: 'NewPlace' })

const permissions = z.array(z.string())
const amounts = {
  permissions,
  resolvedRole: z
    .object({ name: z.enum(TIERS), displayName: z.string() })
    .meta({ description: 'The base role of the highest tier whose core permission is held' }),
  exceptions: z
    .object({ added: permissions, missing: permissions })
    .meta({ description: 'What is different from that base role' }),
}

export const checkedRole = z
  .looseObject({
    ...amounts,
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .meta({ description: 'What keeps it from being a role; nothing where it can be added' }),
  })
  .meta({ id: 'CheckedRole' })

export const permissionTree = z.looseObject({
  permissions: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      tier: z.enum(TIERS),
      parent: z.string().nullable().meta({ description: 'What must be held for it to be held' }),
      core: z.boolean().meta({ description: 'Whether higher tiers need it' }),
    }),
  ),
})

export const extraModels = z.looseObject({
  revision,
  extraModels: z.array(
    z.object({
      name: z.string(),
      connection: z.string().meta({ description: 'The environment that it is built on' }),
      uses: z.array(z.string()),
    }),
  ),
  nextCursor: z.string().optional(),
})
