import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'

const json = z.json()
const complex = z.record(z.string(), json)

const checks = {
  has: json,
  contains: json,
  lacks: z.array(z.string()),
  changes: complex,
  resources: z.array(z.string()),
  members: z.array(z.string()),
  together: z.int(),
  atLeast: z.record(z.string(), z.number()),
  says: z.array(z.string()),
  within: z.int(),
  created: z.string(),
  headers: z.array(z.string()),
}

const step = z.strictObject({
  /** `METHOD /path`. */
  send: z.string(),
  body: json.optional(),
  status: z.array(z.int()).optional(),
  ...z.object(checks).partial().shape,
})

const fixture = z.strictObject({
  id: z.string(),
  client: z.string(),
  grade: z.enum(['V', 'C', 'O', 'T', 'I']),
  ref: z.string(),
  scenario: z.string(),
  given: z.string(),
  request: z.strictObject({
    method: z.string(),
    path: z.string(),
    headers: z.record(z.string(), z.string().nullable()).optional(),
    body: json.optional(),
  }),
  status: z.array(z.int()).min(1),
  effect: z.string(),
  world: z
    .strictObject({
      users: z.record(z.string(), complex.nullable()).optional(),
      groups: z.record(z.string(), complex.nullable()).optional(),
      crowd: z
        .strictObject({
          users: z.int().optional(),
          groups: z.int().optional(),
          memberOf: z.string().optional(),
        })
        .optional(),
      mayGrant: z.strictObject({ upTo: z.string() }).optional(),
      earlier: z.array(step).optional(),
      clients: z.record(z.string(), z.enum(['secret', 'assertion'])).optional(),
      exhausted: z.literal(true).optional(),
    })
    .optional(),
  expect: z.strictObject({
    response: z.strictObject(checks).partial().optional(),
    afterwards: z.array(step).optional(),
    repeat: z.array(z.int()).optional(),
    alongside: z.array(step).optional(),
    never: z.array(z.string()).optional(),
    log: z.array(z.string()).optional(),
  }),
})

const baseWorld = z.strictObject({
  extensions: z.array(json),
  ids: z.record(z.string(), z.string()),
  users: z.record(z.string(), complex),
  groups: z.record(z.string(), complex),
})

/** What an answer has to be: see `fixtures/idp/README.md`. */
export type Check = z.infer<typeof step>
export type Fixture = z.infer<typeof fixture>
export type BaseWorld = z.infer<typeof baseWorld>

const folder = new URL('../../fixtures/idp/', import.meta.url)

/** Every recorded request, by client and id. Throws when a file has a field that nobody checks. */
export function readFixtures(): { path: string; fixture: Fixture }[] {
  const clients = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return clients.flatMap(({ name }) =>
    readdirSync(new URL(`${name}/`, folder)).map((file) => {
      const path = `${name}/${file}`
      const result = fixture.safeParse(read(path))
      if (!result.success) throw new Error(`fixtures/idp/${path}\n${z.prettifyError(result.error)}`)
      return { path, fixture: result.data }
    }),
  )
}

/** The people and groups that are there unless `given` says otherwise. */
export const readBaseWorld = (): BaseWorld => baseWorld.parse(read('world.json'))

/** Addresses of what the fixtures were learned from, by the tags of `ref`. */
export const readSources = (): Record<string, string> =>
  z.record(z.string(), z.string()).parse(read('sources.json'))

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'))
