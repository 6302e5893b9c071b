import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { countQuirks, flushQuirks, type QuirkView } from '../../src/provision/quirks.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { PATCH, scimDirectory, USER, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

describe.each(engines)('the quirk ledger on %s', (engine) => {
  let server: TestServer
  let directory: ScimDirectory

  beforeEach(async () => {
    server = await startServer({ engine })
    directory = await scimDirectory(server, 'entra')
  })
  afterEach(() => server.stop())

  const quirks = async (query = '', of = 'entra'): Promise<QuirkView[]> =>
    (await administer<{ quirks: QuirkView[] }>(server, 'GET', `/directories/${of}/quirks${query}`)).quirks
  const times = async (of = 'entra'): Promise<Record<string, number>> =>
    Object.fromEntries((await quirks('', of)).map((one) => [one.name, one.times]))

  it('counts each rewrite once a request, with words, last time and an example without values', async () => {
    const id = await directory.createUser({ userName: 'ada' })
    for (const value of ['False', 'True']) {
      await directory.patch(
        `/Users/${id}`,
        { op: 'Replace', path: 'active', value },
        { op: 'Add', path: 'emails[type eq "work"].value', value: 'ada@example.com' },
      )
    }
    expect(await times()).toEqual({ N1: 2, N5: 2, N11: 1 })
    const [first] = await quirks('?search=boolean')
    expect(first).toMatchObject({ kind: 'rewrite', name: 'N5', times: 2, sources: expect.any(Array) })
    expect(first?.does).toContain('are booleans')
    expect(first?.lastAt).toMatch(/^\d{4}-.*Z$/)
    expect(JSON.parse(first?.example ?? '')).toEqual({
      schemas: [PATCH],
      Operations: [{ op: 'Replace', path: 'active', value: 'text' }, '…'],
    })
  })

  it('counts the attributes that no schema knows by name, whatever the letter case', async () => {
    await directory.createUser({ userName: 'ada', costCentre: '4711' })
    await directory.createUser({ userName: 'bob', CostCentre: '4712', shoeSize: 44 })
    expect(await times()).toEqual({ CostCentre: 2, shoeSize: 1, N23: 2 })
    const [found] = await quirks('?search=COST')
    expect(found).toMatchObject({ kind: 'attribute', name: 'CostCentre' })
    expect(found?.does).toContain('keeps sending `CostCentre`')
    expect(JSON.stringify(await quirks())).not.toContain('471')
  })

  it('counts reads', async () => {
    await directory.call('GET', '/Users?filter=userName%20eq%20ada@example.com')
    expect(await quirks()).toMatchObject([{ name: 'F1', times: 1, example: 'filter=userName eq …' }])
  })

  it('counts a read of all types and a search once, and each operation of a bulk request', async () => {
    const filter = 'userName eq ada@example.com'
    const message = (name: string) => `urn:ietf:params:scim:api:messages:2.0:${name}`
    await directory.call('GET', `/?filter=${encodeURIComponent(filter)}`)
    await directory.call('POST', '/.search', { schemas: [message('SearchRequest')], filter })
    await directory.call('POST', '/Groups/.search', {
      schemas: [message('SearchRequest')],
      filter: 'displayName eq Tours',
    })
    const Operations = ['ada', 'bob'].map((userName) => ({
      method: 'POST',
      path: '/Users',
      bulkId: userName,
      data: { userName },
    }))
    await directory.call('POST', '/Bulk', { schemas: [message('BulkRequest')], Operations })
    expect(await times()).toEqual({ F1: 3, N4: 2 })
  })

  it('counts nothing for requests as the RFCs have them, nor for those that are refused', async () => {
    const id = await directory.createUser({ userName: 'ada' })
    await directory.patch(`/Users/${id}`, { op: 'replace', path: 'active', value: false })
    await directory.patch('/Users/nobody', { op: 'Replace', path: 'active', value: 'False' })
    await directory.call('POST', '/Users', { userName: 'ada' })
    expect(await quirks()).toEqual([])
  })

  it('keeps directories apart, and counts nothing in strict mode', async () => {
    const strict = await scimDirectory(server, 'strict', { mode: 'strict' })
    await directory.call('POST', '/Users', { userName: 'ada' })
    await strict.call('POST', '/Users', { userName: 'ada' })
    expect(await times()).toEqual({ N4: 1 })
    expect(await times('strict')).toEqual({})
  })

  it('adds up over flushes and restarts, and loses nothing that could not be written', async () => {
    const add = (userName: string) => directory.call('POST', '/Users', { userName })
    await add('a')
    await flushQuirks(server.ctx)
    await add('b')
    const ctx = {
      ...server.ctx,
      engine: Object.assign(Object.create(server.ctx.engine), {
        write: () => Promise.reject(new Error('the disk is full')),
      }),
    }
    countQuirks(ctx, { directoryId: directory.id }, { rewrites: ['N4'], ignored: [] })
    await expect(flushQuirks(ctx)).rejects.toThrow('the disk is full')
    await flushQuirks({ ...ctx, engine: Object.assign(ctx.engine, { write: server.ctx.engine.write }) })
    await flushQuirks(server.ctx)
    expect(await times()).toEqual({ N4: 3 })
  })

  it('keeps the 500 attributes that were seen last, and survives names that no database can hold', async () => {
    const names = (prefix: string) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${prefix}${i}`, 1]))
    for (const prefix of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await directory.createUser({ userName: prefix, ...names(prefix) })
      await flushQuirks(server.ctx)
    }
    await directory.createUser({ userName: 'odd', 'a\u0000b\ud800': 1, ['ﷺ'.repeat(300)]: 1 })
    const all = (await quirks('?limit=1000')).filter(({ kind }) => kind === 'attribute')
    expect(all).toHaveLength(500)
    expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(['f0', 'f99', 'a\ufffdb\ufffd']))
  })

  it('forgets what was counted for a directory that is gone', async () => {
    countQuirks(server.ctx, { directoryId: 'gone' }, { rewrites: ['N1'], ignored: ['x'] })
    await flushQuirks(server.ctx)
    expect(await quirks()).toEqual([])
  })

  it('is read page by page', async () => {
    await directory.call('POST', '/Users', { userName: 'ada', active: 'True', one: 1, two: 2 })
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page: { quirks: QuirkView[]; nextCursor?: string } = await administer(
        server,
        'GET',
        `/directories/entra/quirks?limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`,
      )
      seen.push(...page.quirks.map(({ name }) => name))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    expect(seen).toEqual(['one', 'two', 'N23', 'N4', 'N5'])
  })

  it('counts a group and its members', async () => {
    const ada = await directory.createUser({ userName: 'ada' })
    const group = await directory.createGroup('Tours', [ada])
    await directory.patch(`/Groups/${group}`, { op: 'Remove', path: 'members', value: [{ value: ada }] })
    await directory.call('PUT', `/Groups/${group}`, { displayName: 'Tours', owner: 'x' })
    await directory.call('POST', '/Groups', { displayName: 'More' })
    expect(await times()).toEqual({ N1: 1, N14: 1, N4: 2, N23: 1, owner: 1 })
    expect((await directory.call('POST', '/Users', { schemas: [USER], userName: 'b' })).status).toBe(201)
  })
})
