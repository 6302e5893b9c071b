import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { ENTERPRISE } from '../scim/support.ts'
import { addDirectory, administer, type TestDirectory } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { askToken } from '../support/oauth.ts'
import { GROUP, PATCH, USER } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { readState } from '../support/state.ts'
import { openTamperer } from '../support/tamper.ts'
import { send, type WireResponse } from '../support/wire.ts'

jest.setTimeout(120_000)

/** Something that a client does; ids of earlier answers are chosen by number. */
interface Step {
  readonly what: string
  do(world: World): Promise<WireResponse>
  /** How many changes a request made, where it may make several. */
  changes?(
    answer: WireResponse,
    state: { readonly before: readonly string[]; readonly after: readonly string[] },
  ): number
}

/** What one run of steps acts on. */
interface World {
  readonly server: TestServer
  readonly directory: TestDirectory
  readonly users: string[]
  readonly groups: string[]
  readonly tokens: string[]
  readonly clients: { readonly id: string; readonly secret: string }[]
}

const scim = (world: World, method: string, path: string, body?: object): Promise<WireResponse> =>
  send(world.server.url, {
    method,
    path: `/scim/v2${path}`,
    headers: { Authorization: `Bearer ${world.directory.token}`, 'Content-Type': 'application/scim+json' },
    body,
  })
const api = (world: World, method: string, path: string, body?: object): Promise<WireResponse> =>
  send(world.server.url, {
    method,
    path: `/api/v1${path}`,
    headers: { Authorization: `Bearer ${world.server.adminToken}`, 'Content-Type': 'application/json' },
    body,
  })

/** Keeps the id that an answer brings. */
async function keep(into: string[], answered: Promise<WireResponse>): Promise<WireResponse> {
  const answer = await answered
  const { id } = (answer.json ?? {}) as { id?: string }
  if (answer.status === 201 && id !== undefined) into.push(id)
  return answer
}
const pick = (from: readonly string[], n: number): string => from[n % Math.max(from.length, 1)] ?? 'nobody'

const number = fc.nat(20)
const name = fc.constantFrom('ada', 'bob', 'cyd', 'dan')
const title = fc.constantFrom('Engineer', 'Analyst', null)
const operations = (path: string, ...list: object[]) => ({
  path,
  body: { schemas: [PATCH], Operations: list },
})

const BADGES = 'urn:example:badges'
const badges = (uniqueness: string) => [
  { urn: BADGES, name: 'Badges', attributes: [{ name: 'badge', type: 'string', uniqueness }] },
]

/** One for each directory, and one for the revision. */
function changesOfModel({ json }: WireResponse): number {
  const { changes = [] } = json as { changes?: { kind: string }[] }
  return changes.filter(({ kind }) => kind === 'directory').length + (changes.length > 0 ? 1 : 0)
}

const documents = fc.constantFrom(
  { connections: [{ name: 'lake', dialect: 'postgres', baseRole: 'viewer' }] },
  { connections: [{ name: 'lake', dialect: 'postgres', url: 'secret:lake' }] },
  {
    connections: [{ name: 'lake', dialect: 'postgres' }],
    rules: [{ name: 'r', group: 'ada', grant: { role: 'viewer', on: 'lake' } }],
  },
  { connections: [], extensions: badges('none') },
  { connections: [], extensions: badges('server') },
  { connections: [{ name: 'lake' }] },
  { directories: [{ name: 'from a file', provider: 'okta' }], connections: [] },
  { directories: [{ name: 'from a file', provider: 'entra' }], connections: [] },
)

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc
    .record({
      name,
      title,
      externalId: fc.constantFrom('e1', 'e2', undefined),
      manager: fc.option(number, { nil: undefined }),
      badge: fc.constantFrom('1', '2', undefined),
    })
    .map((it): Step => ({
      what: `create ${JSON.stringify(it)}`,
      do: (world) =>
        keep(
          world.users,
          scim(world, 'POST', '/Users', {
            schemas: [USER],
            userName: it.name,
            title: it.title,
            externalId: it.externalId,
            [ENTERPRISE]:
              it.manager === undefined ? undefined : { manager: { value: pick(world.users, it.manager) } },
            [BADGES]: { badge: it.badge },
          }),
        ),
    })),
  fc.record({ number, name, title }).map((it): Step => ({
    what: `replace ${JSON.stringify(it)}`,
    do: (world) =>
      scim(world, 'PUT', `/Users/${pick(world.users, it.number)}`, {
        schemas: [USER],
        userName: it.name,
        title: it.title,
      }),
  })),
  fc
    .record({
      number,
      operation: fc.constantFrom(
        { op: 'replace', path: 'active', value: false },
        { op: 'replace', path: 'active', value: true },
        { op: 'add', path: 'phoneNumbers', value: [{ value: '1' }] },
        { op: 'remove', path: 'title' },
        { op: 'replace', path: 'userName', value: 'ada' },
        { op: 'replace', path: 'nothing', value: 1 },
        { op: 'replace', path: 'active', value: 'perhaps' },
      ),
    })
    .map((it): Step => ({
      what: `patch user ${JSON.stringify(it)}`,
      do(world) {
        const { path, body } = operations(`/Users/${pick(world.users, it.number)}`, it.operation)
        return scim(world, 'PATCH', path, body)
      },
    })),
  number.map((n): Step => ({
    what: `delete user ${n}`,
    do: (world) => scim(world, 'DELETE', `/Users/${pick(world.users, n)}`),
    // The user, and everybody whose manager it was.
    changes: (_, { before, after }) =>
      before.filter((row) => row.startsWith('users ') && !after.includes(row)).length,
  })),
  fc
    .record({
      name,
      members: fc.array(number, { maxLength: 3 }),
      awaited: fc.constantFrom('e1', 'e9', undefined),
    })
    .map((it): Step => ({
      what: `create group ${JSON.stringify(it)}`,
      do: (world) =>
        keep(
          world.groups,
          scim(world, 'POST', '/Groups', {
            schemas: [GROUP],
            displayName: it.name,
            members: [...it.members.map((n) => pick(world.users, n)), it.awaited]
              .filter((value) => value !== undefined)
              .map((value) => ({ value })),
          }),
        ),
    })),
  fc
    .record({
      number,
      member: fc.oneof(number, fc.constantFrom('e1', 'e2', 'e9')),
      op: fc.constantFrom('add', 'remove', 'replace'),
    })
    .map(({ member, ...it }): Step => ({
      what: `patch group ${JSON.stringify({ ...it, member })}`,
      do(world) {
        const value = [{ value: typeof member === 'number' ? pick(world.users, member) : member }]
        const { path, body } = operations(`/Groups/${pick(world.groups, it.number)}`, {
          op: it.op,
          path: 'members',
          value,
        })
        return scim(world, 'PATCH', path, body)
      },
    })),
  fc.record({ number, name }).map((it): Step => ({
    what: `rename group ${JSON.stringify(it)}`,
    do(world) {
      const operation = { op: 'replace', path: 'displayName', value: it.name }
      const { path, body } = operations(`/Groups/${pick(world.groups, it.number)}`, operation)
      return scim(world, 'PATCH', path, body)
    },
  })),
  number.map((n): Step => ({
    what: `delete group ${n}`,
    do: (world) => scim(world, 'DELETE', `/Groups/${pick(world.groups, n)}`),
  })),
  fc.constantFrom('/Users', '/Groups', '/Schemas').map((path): Step => ({
    what: `read ${path}`,
    do: (world) => scim(world, 'GET', path),
  })),
  fc.constantFrom('read', 'scim').map((scope): Step => ({
    what: `make a token of scope ${scope}`,
    do: (world) =>
      keep(
        world.tokens,
        api(world, 'POST', '/tokens', { scope, ...(scope === 'scim' && { directory: world.directory.id }) }),
      ),
  })),
  number.map((n): Step => ({
    what: `revoke token ${n}`,
    do: (world) => api(world, 'DELETE', `/tokens/${pick(world.tokens, n)}`),
  })),
  fc
    .constantFrom(
      { mode: 'strict' },
      { mode: 'tolerant' },
      { rehire: 'revive' },
      { rehire: 'new' },
      { mode: 'lax' },
    )
    .map((settings): Step => ({
      what: `set ${JSON.stringify(settings)}`,
      do: (world) => api(world, 'PATCH', `/directories/${world.directory.id}`, settings),
    })),
  fc.constantFrom('one', 'two').map((provider): Step => ({
    what: `add directory ${provider}`,
    do: (world) => api(world, 'POST', '/directories', { name: provider, provider: 'generic' }),
  })),
  fc.constantFrom('one', 'two', 'three').map((directory): Step => ({
    what: `remove directory ${directory}`,
    do: (world) => api(world, 'DELETE', `/directories/${directory}?confirm=${directory}`),
  })),
  fc.constant<Step>({
    what: 'add a client',
    async do(world) {
      const answer = await api(world, 'POST', `/directories/${world.directory.id}/clients`, {})
      world.clients.push(answer.json as World['clients'][number])
      return answer
    },
  }),
  fc.record({ number, secret: fc.constantFrom('right', 'wrong') }).map((it): Step => ({
    what: `fetch a token ${JSON.stringify(it)}`,
    do({ server, clients }) {
      const client = clients[it.number % Math.max(clients.length, 1)]
      return askToken(server, {
        client_id: client?.id ?? 'nobody',
        client_secret: it.secret === 'right' ? client?.secret : 'wrong',
      })
    },
  })),
  fc.constantFrom('POST', 'DELETE').map((method): Step => ({
    what: `${method} a secret or a client`,
    do(world) {
      const path = `/directories/${world.directory.id}/clients/${world.clients[0]?.id ?? 'nobody'}`
      return method === 'POST' ? api(world, 'POST', `${path}/secrets`, {}) : api(world, 'DELETE', path)
    },
  })),
  fc.constantFrom('PUT', 'DELETE').map((method): Step => ({
    what: `${method} the secret of a connection`,
    do: (world) => api(world, method, '/secrets/lake', method === 'PUT' ? { value: 'sqlite:/x' } : undefined),
  })),
  documents.map((document): Step => ({
    what: `apply ${JSON.stringify(document)}`,
    do: (world) => api(world, 'POST', '/apply', document),
    changes: changesOfModel,
  })),
  documents.map((document): Step => ({
    what: `plan ${JSON.stringify(document)}`,
    do: (world) => api(world, 'POST', '/plan', document),
  })),
  fc
    .constantFrom<[string, string, object?]>(
      ['POST', '/models', { name: 'orders', connection: 'lake' }],
      ['POST', '/grants', { group: 'ada', role: 'viewer', on: 'lake' }],
      ['PATCH', '/connections/lake', { baseRole: 'querier' }],
      ['PATCH', '/connections/lake?dryRun=true', { baseRole: 'modeler' }],
      ['PATCH', '/connections/lake', { name: 'pond' }],
      ['DELETE', '/connections/lake'],
      ['DELETE', '/connections/lake?uses=remove'],
      ['PUT', '/roles/viewer/order', { position: 1 }],
    )
    .map(([method, path, body]): Step => ({
      what: `${method} ${path} ${JSON.stringify(body)}`,
      do: (world) => api(world, method, path, body),
      changes: changesOfModel,
    })),
  fc.integer({ min: 1, max: 4 }).map((revision): Step => ({
    what: `roll back to ${revision}`,
    do: (world) => api(world, 'POST', `/revisions/${revision}/rollback`),
    changes: changesOfModel,
  })),
)

/** Does a step, and says what is wrong with its trace in the audit; undefined where nothing is. */
async function offence(world: World, step: Step): Promise<string | undefined> {
  const { engine } = world.server.ctx
  const before = await readState(engine)
  const answer = await step.do(world)
  const after = await readState(engine)
  const hasChanged = JSON.stringify(before) !== JSON.stringify(after)
  const requestId = String(answer.headers['x-request-id'])
  const entries = await engine.read
    .selectFrom('audit')
    .selectAll()
    .where('request_id', '=', requestId)
    .execute()
  const wanted = hasChanged ? step.changes?.(answer, { before, after }) || 1 : 0
  if (answer.status >= 500) return `${step.what} was answered ${answer.status}`
  if (answer.status >= 400 && hasChanged) return `${step.what} was refused and has changed something`
  if (entries.length === wanted) return undefined
  return `${step.what} was answered ${answer.status} and made ${wanted} changes, and the audit has ${entries.length} entries: ${JSON.stringify(entries.map(({ action }) => action))}`
}

describe.each(engines)('the audit on %s', (engine) => {
  let server: TestServer
  let runs = 0
  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server?.stop())

  async function openWorld(): Promise<World> {
    const directory = await addDirectory(server, `run ${(runs += 1)}`)
    return { server, directory, users: [], groups: [], tokens: [], clients: [] }
  }

  it('C-AUD-03 INV-07 has one entry for each change, and none where nothing was changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 20, maxLength: 30 }), async (list) => {
        const world = await openWorld()
        const offences: string[] = []
        for (const step of list) {
          const found = await offence(world, step)
          if (found !== undefined) offences.push(found)
        }
        expect(offences).toEqual([])
      }),
      { numRuns: 8, endOnFailure: true },
    )
  })

  it('C-AUD-03 INV-07 is missed wherever an entry does not reach it', async () => {
    const tamperer = await openTamperer(engine, server.databaseUrl)
    const world = await openWorld()
    const create = {
      what: 'create',
      do: () => scim(world, 'POST', '/Users', { schemas: [USER], userName: 'eve' }),
    }
    const retire = {
      what: 'retire',
      do: () => api(world, 'PATCH', `/directories/${world.directory.id}`, { mode: 'strict' }),
    }
    await tamperer.run(
      ...(engine === 'sqlite'
        ? ['create trigger swallow before insert on audit begin select raise(ignore); end']
        : [
            'create function swallow() returns trigger language plpgsql as $$ begin return null; end $$',
            'create trigger swallow before insert on audit for each row execute function swallow()',
          ]),
    )
    expect(await offence(world, create)).toContain('made 1 changes, and the audit has 0 entries')
    expect(await offence(world, retire)).toContain('made 1 changes, and the audit has 0 entries')
    await tamperer.run(engine === 'sqlite' ? 'drop trigger swallow' : 'drop trigger swallow on audit')
    await tamperer.close()
  })

  it('C-AUD-03 has one entry for names that are bound when a configuration is applied again', async () => {
    const world = await openWorld()
    const document = {
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: [{ name: 'r', group: 'analysts', grant: { role: 'viewer', on: 'lake' } }],
    }
    const create = () =>
      keep(world.groups, scim(world, 'POST', '/Groups', { schemas: [GROUP], displayName: 'analysts' }))
    await create()
    await api(world, 'POST', '/apply', document)
    await create()
    await scim(world, 'DELETE', `/Groups/${world.groups[0]}`)
    const again = { what: 'apply again', do: () => api(world, 'POST', '/apply', document) }
    expect(await offence(world, again)).toBeUndefined()
    const { entries } = await administer<{ entries: object[] }>(server, 'GET', '/audit?limit=1')
    expect(entries).toMatchObject([
      { action: 'names.bound', detail: { groups: [world.groups[1]], users: [] } },
    ])
  })

  it('C-AUD-03 has one entry each time that a group waits for the same member again', async () => {
    const world = await openWorld()
    await keep(world.groups, scim(world, 'POST', '/Groups', { schemas: [GROUP], displayName: 'waiting' }))
    const operation = (op: string) => ({
      method: 'PATCH',
      path: `/Groups/${world.groups[0]}`,
      data: { schemas: [PATCH], Operations: [{ op, path: 'members', value: [{ value: 'late' }] }] },
    })
    const { json } = await scim(world, 'POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: Array.from({ length: 40 }, (_, i) => operation(i % 2 === 0 ? 'add' : 'remove')),
    })
    const { Operations } = json as { Operations: { status: string }[] }
    expect(new Set(Operations.map(({ status }) => status))).toEqual(new Set(['204']))
    const { entries } = await administer<{ entries: object[] }>(
      server,
      'GET',
      `/audit?subject=${world.groups[0]}&action=group.pending`,
    )
    expect(entries).toHaveLength(40)
  })

  it('C-AUD-03 has one entry for each operation of a bulk request', async () => {
    const world = await openWorld()
    const create = (userName: string) => ({
      method: 'POST',
      path: '/Users',
      bulkId: userName,
      data: { schemas: [USER], userName },
    })
    const answer = await scim(world, 'POST', '/Bulk', {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations: [create('b1'), create('b2'), create('b1'), create('b3')],
    })
    const found = await administer<{ entries: { action: string }[] }>(
      server,
      'GET',
      `/audit?request=${String(answer.headers['x-request-id'])}`,
    )
    expect(found.entries.map(({ action }) => action)).toEqual([
      'user.created',
      'user.created',
      'user.created',
    ])
  })
})
