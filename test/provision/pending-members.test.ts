import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { listAudit } from '../../src/store/audit.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { GROUP, scimDirectory, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

interface Pending {
  readonly pendingMembers: {
    readonly directory: { readonly name: string }
    readonly group: { readonly id: string; readonly displayName: string }
    readonly value: string
    readonly since: string
  }[]
  readonly nextCursor?: string
}

describe.each(engines)('pending members on %s', (engine) => {
  let server: TestServer
  let directory: ScimDirectory
  let ada: string

  beforeEach(async () => {
    server = await startServer({ engine })
    directory = await scimDirectory(server, 'okta')
    ada = await directory.createUser({ userName: 'ada' })
  })
  afterEach(() => server.stop())

  const list = (query = '') => administer<Pending>(server, 'GET', `/pending-members${query}`)
  const pending = async (query = ''): Promise<string[]> =>
    (await list(query)).pendingMembers.map(({ value }) => value).toSorted()
  const add = (groupId: string, ...values: string[]) =>
    directory.patch(`/Groups/${groupId}`, {
      op: 'add',
      path: 'members',
      value: values.map((value) => ({ value })),
    })
  const replace = (groupId: string, ...values: string[]) =>
    directory.patch(`/Groups/${groupId}`, {
      op: 'replace',
      path: 'members',
      value: values.map((value) => ({ value })),
    })

  it('applies the known ones and keeps the others, visibly', async () => {
    const group = await directory.createGroup('Tours', [ada, 'bob-1'])
    expect((await add(group, 'eve-1', 'eve-1', 'bob-1')).status).toBe(204)
    expect(await directory.members(group)).toEqual([ada])
    const { pendingMembers } = await list()
    expect(pendingMembers).toEqual([
      expect.objectContaining({
        directory: { id: directory.id, name: 'okta' },
        group: { id: group, displayName: 'Tours' },
        value: 'bob-1',
      }),
      expect.objectContaining({ value: 'eve-1', since: expect.stringMatching(/Z$/) }),
    ])
  })

  it('is searched, narrowed to a directory or a group, and read page by page', async () => {
    const other = await scimDirectory(server, 'entra')
    const [tours, sales] = [
      await directory.createGroup('Tours', ['b', 'c']),
      await directory.createGroup('Sales', ['abc']),
    ]
    await other.createGroup('Tours', ['z'])
    expect(await pending()).toEqual(['abc', 'b', 'c', 'z'])
    expect(await pending('?directory=okta')).toEqual(['abc', 'b', 'c'])
    expect(await pending(`?group=${tours}`)).toEqual(['b', 'c'])
    expect(await pending('?group=TOURS&directory=okta')).toEqual(['b', 'c'])
    expect(await pending(`?group=${sales}&search=bc`)).toEqual(['abc'])
    const first = await list('?limit=3')
    const second = await list(`?limit=3&cursor=${first.nextCursor}`)
    expect([...first.pendingMembers, ...second.pendingMembers].map(({ value }) => value).toSorted()).toEqual([
      'abc',
      'b',
      'c',
      'z',
    ])
    expect(second.nextCursor).toBeUndefined()
    await expect(list('?directory=nowhere')).rejects.toThrow('404')
  })

  it('binds whoever arrives with that external id, and decides by it in the same breath', async () => {
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: [{ name: 'tours', group: 'Tours', grant: { role: 'viewer', on: 'lake' } }],
    })
    const group = await directory.createGroup('Tours', [ada, '00u-bob'])
    const { version } = (
      (await directory.call('GET', `/Groups/${group}`)).json as { meta: { version: string } }
    ).meta
    const answer = await directory.call('POST', '/Users', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      userName: 'bob',
      externalId: '00u-bob',
    })
    const bob = (answer.json as { id: string }).id
    expect(answer.json).toMatchObject({ groups: [{ value: group, display: 'Tours' }] })
    expect(await directory.members(group)).toEqual([ada, bob].toSorted())
    expect(await pending()).toEqual([])
    expect(await administer(server, 'GET', '/resolve?user=bob&connection=lake')).toMatchObject({
      decision: 'allow',
    })
    const after = (await directory.call('GET', `/Groups/${group}`)).json as { meta: { version: string } }
    expect(after.meta.version).not.toBe(version)
  })

  it('binds whose external id is set later, by PATCH or PUT', async () => {
    const group = await directory.createGroup('Tours', ['00u-ada', '00u-bob'])
    await directory.patch(`/Users/${ada}`, { op: 'add', path: 'externalId', value: '00u-ada' })
    expect(await directory.members(group)).toEqual([ada])
    const bob = await directory.createUser({ userName: 'bob' })
    await directory.call('PUT', `/Users/${bob}`, { userName: 'bob', externalId: '00u-bob' })
    expect(await directory.members(group)).toEqual([ada, bob].toSorted())
  })

  it('binds groups, and decides for everybody inside', async () => {
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: [{ name: 'all', group: 'All', grant: { role: 'viewer', on: 'lake' } }],
    })
    const all = await directory.createGroup('All', ['group-tours', 'group-sales'])
    const tours = await directory.createGroup('Tours', [ada], { externalId: 'group-tours' })
    expect(await directory.members(all)).toEqual([tours])
    expect(await administer(server, 'GET', '/resolve?user=ada&connection=lake')).toMatchObject({
      decision: 'allow',
    })
    const bob = await directory.createUser({ userName: 'bob' })
    const sales = await directory.createGroup('Sales', [bob])
    await directory.patch(`/Groups/${sales}`, { op: 'add', path: 'externalId', value: 'group-sales' })
    expect(await directory.members(all)).toEqual([tours, sales].toSorted())
    expect(await administer(server, 'GET', '/resolve?user=bob&connection=lake')).toMatchObject({
      decision: 'allow',
    })
  })

  it('takes an external id for its owner, whether the owner came before or after', async () => {
    const bob = await directory.createUser({ userName: 'bob', externalId: '00u-bob' })
    const group = await directory.createGroup('Tours', ['00u-bob'])
    expect(await directory.members(group)).toEqual([bob])
    expect((await replace(group, ada, '00u-bob')).status).toBe(204)
    expect(await directory.members(group)).toEqual([ada, bob].toSorted())
    await directory.patch(`/Groups/${group}`, { op: 'remove', path: 'members[value eq "00u-bob"]' })
    expect(await directory.members(group)).toEqual([ada])
    expect(await pending()).toEqual([])
  })

  it('binds nobody by an external id that several have', async () => {
    const group = await directory.createGroup('Tours', [ada, 'twin'])
    await directory.createUser({ userName: 'first', externalId: 'twin-x' })
    await directory.createUser({ userName: 'second', externalId: 'twin-x' })
    await add(group, 'twin-x')
    expect(await directory.members(group)).toEqual([ada])
    expect(await pending()).toEqual(['twin', 'twin-x'])
  })

  it('waits no longer for somebody who is named again and by now the only one', async () => {
    const group = await directory.createGroup('Tours')
    const first = await directory.createUser({ userName: 'first', externalId: 'twin-x' })
    const second = await directory.createUser({ userName: 'second', externalId: 'twin-x' })
    await add(group, 'twin-x')
    expect(await pending()).toEqual(['twin-x'])
    await directory.call('DELETE', `/Users/${second}`)
    await add(group, 'twin-x')
    expect(await directory.members(group)).toEqual([first])
    expect(await pending()).toEqual([])
    await directory.call('DELETE', `/Users/${first}`)
    await directory.createUser({ userName: 'third', externalId: 'twin-x' })
    expect(await directory.members(group)).toEqual([])
  })

  it('binds nobody of another directory', async () => {
    const group = await directory.createGroup('Tours', ['00u-bob'])
    const other = await scimDirectory(server, 'entra')
    await other.createUser({ userName: 'bob', externalId: '00u-bob' })
    expect(await directory.members(group)).toEqual([])
    expect(await pending()).toEqual(['00u-bob'])
  })

  it.each([
    ['remove by a filter', { op: 'remove', path: 'members[value eq "x"]' }, ['y']],
    ['remove with a list', { op: 'remove', path: 'members', value: [{ value: 'x' }] }, ['y']],
    ['remove by another filter', { op: 'remove', path: 'members[value sw "x"]' }, ['y']],
    ['remove of all', { op: 'remove', path: 'members' }, []],
    ['replace by known ones', { op: 'replace', path: 'members', value: 'ada' }, []],
    ['replace by some', { op: 'replace', path: 'members', value: ['ada', 'y', 'z'] }, ['y', 'z']],
  ])('forgets whom the client takes back: %s', async (_, operation, left) => {
    const group = await directory.createGroup('Tours', [ada, 'x', 'y'])
    const value = (operation as { value?: unknown }).value
    const named = (Array.isArray(value) ? (value as unknown[]) : [value]).map((one) =>
      one === 'ada' ? { value: ada } : typeof one === 'string' ? { value: one } : one,
    )
    const answer = await directory.patch(`/Groups/${group}`, {
      ...operation,
      ...(value !== undefined && { value: named }),
    })
    expect(answer.status).toBe(204)
    expect(await pending()).toEqual(left)
  })

  it('forgets them with PUT and with the group', async () => {
    const group = await directory.createGroup('Tours', [ada, 'x', 'y'])
    await directory.call('PUT', `/Groups/${group}`, {
      displayName: 'Tours',
      members: [{ value: ada }, { value: 'y' }],
    })
    expect(await pending()).toEqual(['y'])
    expect((await directory.call('DELETE', `/Groups/${group}`)).status).toBe(204)
    expect(await pending()).toEqual([])
  })

  it('refuses a non-empty replace of which nothing is known, and keeps nothing of it', async () => {
    const group = await directory.createGroup('Tours', [ada])
    expect(await replace(group, 'x', 'y')).toMatchObject({ status: 400, json: { scimType: 'invalidValue' } })
    expect(await directory.members(group)).toEqual([ada])
    expect(await pending()).toEqual([])
  })

  it('makes no new version of a group when only pending ones change, and tells the audit who they were', async () => {
    const group = await directory.createGroup('Tours', [ada, 'w'])
    const first = await add(group, 'x')
    const others = [
      await add(group, 'x', 'y'),
      await add(group, 'x', 'y'),
      await replace(group, ada, 'y', 'z'),
      await directory.patch(
        `/Groups/${group}`,
        { op: 'add', path: 'members', value: [{ value: 'v' }] },
        { op: 'remove', path: 'members[value eq "v"]' },
      ),
      await directory.patch(`/Groups/${group}`, { op: 'remove', path: 'members[value eq "z"]' }),
    ]
    for (const { headers } of others) expect(headers.etag).toBe(first.headers.etag)
    await directory.patch(`/Groups/${group}`, { op: 'remove', path: 'members' })

    const rows = await listAudit(server.ctx.engine.read, { subjectId: group, limit: 100 })
    const told = rows.map(({ action, detail }) => [action, JSON.parse(detail)])
    expect(told.toReversed()).toMatchObject([
      ['group.created', { added: [ada], awaited: ['w'], forgotten: [] }],
      ['group.pending', { awaited: ['x'], forgotten: [] }],
      ['group.pending', { awaited: ['y'], forgotten: [] }],
      ['group.pending', { awaited: ['z'], forgotten: ['w', 'x'] }],
      ['group.pending', { awaited: [], forgotten: ['z'] }],
      ['group.updated', { removed: [ada], awaited: [], forgotten: ['y'] }],
    ])
    const { changes } = await server.ctx.engine.read
      .selectFrom('changes')
      .select(({ fn }) => fn.countAll<number>().as('changes'))
      .where('subject_id', '=', group)
      .executeTakeFirstOrThrow()
    expect(changes).toBe(rows.length)
  })

  it('misses nobody when members are named while they arrive', async () => {
    const names = Array.from({ length: 24 }, (_, i) => `00u-${i}`)
    const groups = await Promise.all(['A', 'B', 'C'].map((name) => directory.createGroup(name, [ada])))
    await Promise.all([
      ...groups.flatMap((group) => [
        add(group, ...names.slice(0, 12)),
        add(group, ...names.slice(6)),
        ...names.map((name) => add(group, name)),
      ]),
      ...names.map((name) => directory.createUser({ userName: `user ${name}`, externalId: name })),
    ])
    for (const group of groups) expect(await directory.members(group)).toHaveLength(names.length + 1)
    expect(await pending()).toEqual([])
  })

  it('misses nobody inside groups that are named while they arrive', async () => {
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres' }],
      rules: [{ name: 'all', group: 'All', grant: { role: 'viewer', on: 'lake' } }],
    })
    const all = await directory.createGroup('All', [ada])
    const names = Array.from({ length: 12 }, (_, i) => `group-${i}`)
    const people = await Promise.all(names.map((name) => directory.createUser({ userName: `in ${name}` })))
    await Promise.all(
      names.flatMap((name, i) => [
        add(all, name),
        directory
          .createGroup(name, [people[i] ?? ''], i % 2 === 0 ? { externalId: name } : {})
          .then((id) => directory.patch(`/Groups/${id}`, { op: 'replace', path: 'externalId', value: name })),
      ]),
    )
    expect(await directory.members(all)).toHaveLength(names.length + 1)
    expect(await pending()).toEqual([])
    for (const name of names) {
      expect(
        await administer(server, 'GET', `/resolve?user=${encodeURIComponent(`in ${name}`)}&connection=lake`),
      ).toMatchObject({ decision: 'allow' })
    }
  })

  it('takes hundreds of unknown members at once', async () => {
    const names = Array.from({ length: 3000 }, (_, i) => `00u-${i}`)
    const answer = await directory.call('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Everybody',
      members: names.map((value) => ({ value })),
    })
    expect(answer.status).toBe(201)
    expect(await pending('?limit=1000&search=00u-1')).toHaveLength(1000)
  })
})
