import type { Agent } from 'node:http'
import { addDirectory, administer } from '../support/admin.ts'
import type { Installation } from '../support/admin.ts'
import { send } from '../support/wire.ts'
import type { WireRequest, WireResponse } from '../support/wire.ts'
import { isObject, mergePatch } from '../../src/provision/edit/merge-patch.ts'
import { addClients, isTokenRequest, withClients } from './clients.ts'
import type { BaseWorld, Fixture } from './fixture.ts'

/** A fresh directory with the people and groups that a fixture is given. */
export interface Stage {
  /** The SCIM base URL. */
  readonly base: string
  readonly directory: string
  /** The ids that the server gave, by the names of the fixture. */
  readonly ids: Map<string, string>
  /** Sends a request of the fixture with the directory's token; its placeholders become ids. */
  readonly play: (request: WireRequest) => Promise<WireResponse>
  /** Puts ids in the place of placeholders, at any depth. */
  readonly fill: <T>(value: T) => T
}

export { isTokenRequest }

/** Opens a directory and sets up its world through SCIM itself. */
export async function setStage(
  server: Installation,
  base: BaseWorld,
  { id, world = {} }: Fixture,
  agent: Agent,
): Promise<Stage> {
  const name = `${id} ${crypto.randomUUID()}`
  const stage = await openDirectory(server, name, base, agent)
  const { play, ids } = stage
  if (world.mayGrant) await configure(server, base, name, { mayGrant: world.mayGrant }, agent)

  const create = async (endpoint: string, name: string, resource: unknown): Promise<void> => {
    const answer = await play({ method: 'POST', path: endpoint, headers: json, body: resource })
    if (answer.status !== 201 || !isObject(answer.json))
      throw new Error(`the world of ${id} has no ${name}: ${answer.text}`)
    ids.set(name, String(answer.json['id']))
  }

  const people = Object.entries(mergePatch(base.users, world.users ?? {}) as Record<string, object>)
  // Who refers to somebody comes after them.
  people.sort(([, a], [, b]) => Number(refers(a)) - Number(refers(b)))
  for (const [name, person] of people)
    await create('/Users', name, { schemas: schemasOf(userSchema, person), ...person })

  const { crowd } = world
  await inParallel(named('u', crowd?.users), (name) =>
    create('/Users', name, { schemas: [userSchema], userName: `${name}@example.com` }),
  )
  await inParallel(named('g', crowd?.groups), (name) =>
    create('/Groups', name, { schemas: [groupSchema], displayName: name }),
  )
  const groups = Object.entries(mergePatch(base.groups, world.groups ?? {}) as Record<string, object>)
  for (const [name, group] of groups) {
    const members = 'members' in group && Array.isArray(group.members) ? (group.members as string[]) : []
    const all = crowd?.memberOf === name ? [...members, ...named('u', crowd.users)] : members
    await create('/Groups', name, {
      schemas: [groupSchema],
      ...group,
      members: all.map((member) => ({ value: ids.get(member) })),
    })
  }
  if (!world.clients && !world.exhausted) return stage
  const clients = await addClients(server, stage.directory, world.clients ?? {}, agent)
  if (world.exhausted) await exhaust(server, base, name, stage, agent)
  return { ...stage, play: (request) => play(withClients(request, clients)) }
}

/** Asks for more than the directory may, until a request is refused. */
async function exhaust(
  server: Installation,
  base: BaseWorld,
  name: string,
  { play }: Stage,
  agent: Agent,
): Promise<void> {
  await configure(server, base, name, { rateLimit: { perSecond: 1, burst: 1 } }, agent)
  const refused = [0, 1, 2].map(async () => {
    const { status } = await play({ method: 'GET', path: '/Users' })
    if (status !== 429) throw new Error(`answered ${status} and not 429`)
  })
  // One is answered, one waits, and while it does the others are refused.
  await Promise.any(refused)
}

/** Gives the directory settings. */
async function configure(
  server: Installation,
  { extensions }: BaseWorld,
  name: string,
  settings: object,
  agent: Agent,
): Promise<void> {
  const directories = [{ name, provider: 'generic', ...settings }]
  await administer(server, 'POST', '/apply', { extensions, directories }, agent)
}

async function openDirectory(
  server: Installation,
  name: string,
  { ids: placeholders }: BaseWorld,
  agent: Agent,
): Promise<Stage> {
  const { id: directory, token } = await addDirectory(server, name, agent)
  const base = `${server.url}/scim/v2`
  const ids = new Map<string, string>()
  const fillText = (text: string): string => {
    if (/^[ug]-\d+$/.test(text)) return ids.get(text) ?? text
    let filled = text.replaceAll(/\{(\w+)\}/g, (hole, who: string) => ids.get(who) ?? hole)
    for (const [placeholder, who] of Object.entries(placeholders))
      filled = filled.replaceAll(placeholder, ids.get(who) ?? placeholder)
    return filled.replaceAll('{base}', base)
  }
  const fill = <T>(value: T): T => deep(value, fillText) as T
  const play = ({ method, path, headers, body }: WireRequest): Promise<WireResponse> =>
    send(
      base,
      {
        method,
        path: fillText(path),
        headers: { Authorization: isTokenRequest({ path }) ? null : `Bearer ${token}`, ...headers },
        body: fill(body),
      },
      agent,
    )
  return { base, directory, ids, play, fill }
}

const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User'
const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group'
const json = { 'Content-Type': 'application/scim+json' }

const refers = (person: object): boolean => /"\{\w+\}"/.test(JSON.stringify(person))

const schemasOf = (core: string, person: object): string[] => [
  core,
  ...Object.keys(person).filter((name) => name.startsWith('urn:')),
]

const named = (letter: string, count = 0): string[] =>
  Array.from({ length: count }, (_, index) => `${letter}-${String(index + 1).padStart(3, '0')}`)

async function inParallel(names: string[], work: (name: string) => Promise<void>): Promise<void> {
  const queue = names.values()
  const worker = async (): Promise<void> => {
    for (const name of queue) await work(name)
  }
  await Promise.all(Array.from({ length: 24 }, worker))
}

function deep(value: unknown, fillText: (text: string) => string): unknown {
  if (typeof value === 'string') return fillText(value)
  if (Array.isArray(value)) return value.map((element) => deep(element, fillText))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, deep(inner, fillText)]))
}
