import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Database } from '../../db/tables.ts'
import { createContext } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { openSecret } from '../../src/provision/secrets.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

const PASSWORD = 'Kq7-vault-Xw93-never-shown'
const URL = `postgres://finance:${PASSWORD}@127.0.0.1:1/shop`

interface Secrets {
  readonly secrets: readonly { name: string; updatedBy: string; updatedAt: string; usedBy: string[] }[]
  readonly nextCursor?: string
}

describe.each(engines)('secrets of connections on %s', (engine) => {
  let server: TestServer
  let log = ''

  beforeAll(async () => {
    const listener = new Writable({
      write(chunk: Buffer, _encoding, done) {
        log += chunk.toString()
        done()
      },
    })
    server = await startServer({ engine, log: createLog('trace', listener) })
  })
  afterAll(() => server.stop())

  const set = (name: string, value: string) => administer(server, 'PUT', `/secrets/${name}`, { value })
  const list = (query = '') => administer<Secrets>(server, 'GET', `/secrets${query}`)
  const ask = (method: string, path: string, body?: unknown) =>
    send(server.url, {
      method,
      path: `/api/v1${path}`,
      headers: { Authorization: `Bearer ${server.adminToken}`, 'Content-Type': 'application/json' },
      body,
    })

  it('are set, replaced and listed with who set them and what refers to them', async () => {
    await set('finance', 'sqlite:/somewhere/else')
    await set('finance', URL)
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'warehouse', dialect: 'postgres', url: 'secret:finance' }],
    })
    expect(await list()).toEqual({
      secrets: [
        {
          name: 'finance',
          createdAt: expect.stringMatching(/Z$/),
          updatedAt: expect.stringMatching(/Z$/),
          updatedBy: 'token:environment',
          usedBy: ['warehouse'],
        },
      ],
    })
    expect(await openSecret(server.ctx, 'finance')).toEqual({ value: URL })
  })

  it('are nowhere in clear: not in the store, an answer, an error or the log', async () => {
    const check = await ask('POST', '/connections/warehouse/check', {})
    expect(check.json).toMatchObject({
      ok: false,
      places: [{ problem: expect.stringMatching(/^nobody listens/) }],
    })
    const answers = await Promise.all([
      ask('GET', '/secrets'),
      ask('GET', '/secrets/finance'),
      ask('GET', '/export'),
      ask('POST', '/connections/warehouse/test-query', { user: 'nobody' }),
      ask('PUT', '/secrets/finance', { value: `${URL}\n` }),
      ask('PUT', '/secrets/finance', { secret: URL }),
      ask('PUT', '/secrets/finance', URL),
      ask('POST', '/apply', { connections: [{ name: 'a', dialect: 'postgres', url: URL }] }),
    ])
    const everything = JSON.stringify([check.text, ...answers.map(({ text }) => text), await dump(), log])
    expect(everything.length).toBeGreaterThan(2000)
    expect(everything).not.toContain(PASSWORD)
    expect(answers.map(({ status }) => status)).toEqual([200, 405, 200, 200, 422, 422, 400, 422])
  })

  it('open for their own name and key alone', async () => {
    const { sealed, key_id } = await server.ctx.engine.read
      .selectFrom('secrets')
      .selectAll()
      .where('name', '=', 'finance')
      .executeTakeFirstOrThrow()
    const row = { created_at: '', updated_at: '', updated_by: '', key_id }
    await server.ctx.engine.write(async (db) => {
      await db
        .insertInto('secrets')
        .values({ ...row, name: 'copied', sealed })
        .execute()
      await db
        .insertInto('secrets')
        .values({ ...row, name: 'cut', sealed: sealed.slice(0, 20) })
        .execute()
    })
    const elsewhere = createContext({ ...server.ctx, secretKey: 'another key, of 32 characters and more' })
    for (const [ctx, name] of [
      [server.ctx, 'copied'],
      [server.ctx, 'cut'],
      [elsewhere, 'finance'],
    ] as const)
      expect(await openSecret(ctx, name)).toEqual({
        problem: `the secret \`${name}\` was encrypted under another key; set it again with \`signalbox secret set ${name}\``,
      })
    for (const name of ['copied', 'cut']) expect((await ask('DELETE', `/secrets/${name}`)).status).toBe(204)
  })

  it('look different each time, so that nobody sees which are the same', async () => {
    await set('one', URL)
    await set('two', URL)
    const rows = await server.ctx.engine.read.selectFrom('secrets').select('sealed').execute()
    expect(new Set(rows.map(({ sealed }) => sealed.slice(0, 16))).size).toBe(rows.length)
  })

  it('come in pages, and are found by a part of their name', async () => {
    const first = await list('?limit=2')
    expect(first.secrets.map(({ name }) => name)).toEqual(['finance', 'one'])
    const second = await list(`?limit=2&cursor=${first.nextCursor}`)
    expect(second).toEqual({ secrets: [expect.objectContaining({ name: 'two' })] })
    expect((await list('?search=inanc')).secrets.map(({ name }) => name)).toEqual(['finance'])
  })

  it('are not removed while a connection refers to them', async () => {
    const refused = await ask('DELETE', '/secrets/finance')
    expect(refused.status).toBe(409)
    expect(refused.json).toMatchObject({
      detail: 'the secret `finance` is the `url` of `warehouse`; give them another one first',
    })
    expect((await ask('DELETE', '/secrets/two')).status).toBe(204)
    expect((await ask('DELETE', '/secrets/two')).status).toBe(404)
    expect((await ask('PUT', '/secrets/a%20b', { value: 'x' })).status).toBe(400)
  })

  it('are missed when a configuration refers to one that nobody has set', async () => {
    const { warnings } = await administer<{ warnings: object[] }>(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres', url: 'secret:lake' }],
    })
    expect(warnings).toContainEqual({
      code: 'missing-secret',
      severity: 'warning',
      path: 'connections[0].url',
      message: 'there is no secret `lake` yet',
      todo: 'keep one with `signalbox secret set <name>`',
    })
  })

  it('are recorded with who set and removed them', async () => {
    const rows = await server.ctx.engine.read
      .selectFrom('audit')
      .select(['action', 'subject_id', 'actor', 'detail'])
      .where('subject_id', '=', 'two')
      .orderBy('seq')
      .execute()
    expect(rows).toEqual(
      ['secret.set', 'secret.removed'].map((action) => ({
        action,
        subject_id: 'two',
        actor: 'token:environment',
        detail: '{}',
      })),
    )
  })

  const dump = async (): Promise<unknown[]> => {
    const db = server.ctx.engine.read
    const tables = await db.introspection.getTables()
    return Promise.all(
      tables.map(({ name }) =>
        db
          .selectFrom(name as keyof Database)
          .selectAll()
          .execute(),
      ),
    )
  }
})
