import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseConfig } from '../../schemas/config.ts'
import { createRegistry } from '../../schemas/registry.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'
import type { Facts } from '../../src/mapping/facts.ts'
import { checkFilters } from '../../src/resolve/check-filters.ts'
import { type AccessModel, compileModel } from '../../src/resolve/model.ts'
import { fold } from '../../src/scim/fold.ts'
import type { Resource } from '../../src/scim/resource/resource.ts'

const group = z.strictObject({ id: z.string(), displayName: z.string(), members: z.array(z.string()) })

export const factsCase = z.strictObject({
  /** What differs from an active `ada@acme.example` without attributes. Null: nobody of that name. */
  user: z
    .strictObject({
      userName: z.string(),
      active: z.boolean(),
      resource: z.record(z.string(), z.json()),
    })
    .partial()
    .nullable()
    .default({}),
  directory: z.strictObject({ mayGrant: z.unknown() }).partial().default({}),
  groups: z.array(group).default([]),
  /** Group name → id of the group; without it every group is bound by its own name. */
  bindings: z.record(z.string(), z.string()).optional(),
})

const decisionCase = z.strictObject({
  description: z.string(),
  /** Sections that stand instead of those of the file. */
  config: z.record(z.string(), z.unknown()).default({}),
  facts: factsCase.prefault({}),
  question: z
    .strictObject({ connection: z.string(), model: z.string(), environment: z.string() })
    .partial()
    .default({}),
  decision: z.enum(['allow', 'deny']),
  reason: z.string().nullable(),
  environment: z.strictObject({ connection: z.string(), value: z.string().nullable() }).nullable(),
  role: z.strictObject({ name: z.string(), tier: z.string() }).nullable(),
  attributes: z.record(z.string(), z.json()),
  validUntil: z.string().nullable().default(null),
  because: z.array(z.looseObject({ step: z.string(), kind: z.string(), text: z.string() })),
})
export type DecisionCase = z.output<typeof decisionCase>

const caseFile = z.strictObject({
  about: z.string(),
  config: z.record(z.string(), z.unknown()),
  cases: z.array(decisionCase),
})

const folder = new URL('../../fixtures/resolve/', import.meta.url)

/** Every file of cases, with what its cases share. A field that no case knows is an error. */
export const caseFiles = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const { about, config, cases } = caseFile.parse(JSON.parse(readFileSync(new URL(file, folder), 'utf8')))
    return {
      file,
      about,
      cases: cases.map((each) => Object.assign(each, { config: { ...config, ...each.config } })),
    }
  })

/** Compiles a configuration document as applying it would. */
export function modelOf(document: unknown): AccessModel {
  const parsed = parseConfig(document)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
  const userType = createRegistry(userExtensions(parsed.config)).resourceType('User')
  const errors = checkFilters(parsed.config, userType)
  if (errors.length > 0) throw new Error(JSON.stringify(errors))
  return compileModel(parsed.config, 1, userType)
}

/** The facts of a case; undefined where it is about nobody. */
export function factsOf({ facts: given }: Pick<DecisionCase, 'facts'>): Facts | undefined {
  if (given.user === null) return undefined
  const { userName = 'ada@acme.example', active = true, resource = {} } = given.user
  const bindings =
    given.bindings ?? Object.fromEntries(given.groups.map(({ id, displayName }) => [displayName, id]))
  return {
    user: { id: 'ada', userName, names: [fold(userName)], active, resource: resource as Resource },
    directory: {
      id: 'directory',
      name: 'okta',
      ...(given.directory as Pick<Facts['directory'], 'mayGrant'>),
    },
    groups: given.groups,
    bindings: new Map(Object.entries(bindings).map(([name, id]) => [fold(name), id])),
    at: '2026-06-01T00:00:00.000Z',
  }
}
