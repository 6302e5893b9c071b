import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { ACME } from '../support/example.ts'
import { scimDirectory, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

interface Entry {
  readonly entry: number
  readonly at: string
  readonly actor: { readonly id: string; readonly label: string | null }
  readonly requestId: string
  readonly directory: { readonly id: string; readonly name: string | null } | null
  readonly action: string
  readonly subject: { readonly id: string; readonly name: string | null }
  readonly detail: Readonly<Record<string, unknown>>
  readonly sealed: boolean
}
interface Page {
  readonly entries: readonly Entry[]
  readonly nextCursor?: string
}

const HIDDEN = expect.stringMatching(/^sha256:[\w-]{22}$/)

describe.each(engines)('the audit over HTTP on %s', (engine) => {
  let server: TestServer
  let okta: ScimDirectory
  let ada: string
  let group: string
  let requestId: string

  beforeAll(async () => {
    server = await startServer({ engine })
    await administer(server, 'POST', '/apply', {
      extensions: [
        {
          urn: ACME,
          attributes: [
            { name: 'dbRole' },
            { name: 'birthday', private: true },
            { name: 'pin', returned: 'request' },
            { name: 'code', mutability: 'writeOnly' },
            { name: 'numbers', type: 'integer', multiValued: true, private: true },
          ],
        },
      ],
    })
    okta = await scimDirectory(server, 'okta')
    const entra = await scimDirectory(server, 'entra')
    await entra.createUser({ userName: 'eve@example.com' })
    ada = await okta.createUser({
      userName: 'ada@example.com',
      title: 'Engineer',
      displayName: 'Ada Lovelace',
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [
        { value: 'ada@home.example', type: 'home', primary: true },
        { value: 'ada@home.example', type: 'den' },
      ],
      phoneNumbers: [{ value: '+44 1', type: 'mobile' }],
      password: 'canary-0c1e',
      [ACME]: {
        dbRole: 'finance',
        birthday: '1815-12-10',
        pin: '1815',
        code: 'canary-77aa',
        numbers: [7, 8],
      },
    })
    group = await okta.createGroup('Analysts', [ada])
    const answer = await okta.patch(`/Users/${ada}`, {
      op: 'replace',
      value: { title: 'Countess', phoneNumbers: [{ value: '+44 2', type: 'mobile' }] },
    })
    requestId = String(answer.headers['x-request-id'])
    const bob = await okta.createUser({ userName: 'bob@example.com', nickName: 'Bobby' })
    await okta.call('DELETE', `/Users/${bob}`)
  })
  afterAll(() => server?.stop())

  const audit = (query: string): Promise<Page> => administer(server, 'GET', `/audit?${query}`)
  const actions = async (query: string): Promise<string[]> =>
    (await audit(query)).entries.map(({ action }) => action)

  it('says who changed what, with what was there before and after', async () => {
    const [entry] = (await audit(`request=${requestId}`)).entries
    expect(entry).toMatchObject({
      actor: { id: expect.stringMatching(/^token:sb_/), label: 'test' },
      requestId,
      directory: { id: okta.id, name: 'okta' },
      action: 'user.updated',
      subject: { id: ada, name: 'ada@example.com' },
      detail: { before: { title: 'Engineer' }, after: { title: 'Countess' }, version: 2 },
    })
  })

  it('keeps names and shapes of private values, and salted hashes instead of them', async () => {
    const [entry] = (await audit(`subject=${ada}&action=user.created`)).entries
    expect(entry?.detail['after']).toEqual({
      userName: 'ada@example.com',
      title: 'Engineer',
      active: true,
      displayName: HIDDEN,
      name: { givenName: HIDDEN, familyName: HIDDEN },
      emails: [
        { value: HIDDEN, type: 'home', primary: true },
        { value: HIDDEN, type: HIDDEN },
      ],
      phoneNumbers: [{ value: HIDDEN, type: 'mobile' }],
      [ACME]: { dbRole: 'finance', birthday: HIDDEN, pin: HIDDEN, numbers: [HIDDEN, HIDDEN] },
    })
  })

  it('gives equal private values of one person equal hashes, and those of two people different ones', async () => {
    const phone = { phoneNumbers: [{ value: '+1 555' }] }
    const twins = await Promise.all(['t1', 't2'].map((userName) => okta.createUser({ userName, ...phone })))
    await okta.patch(`/Users/${twins[0]}`, { op: 'add', value: { nickName: '+1 555' } })
    const found = await Promise.all(twins.map((id) => audit(`subject=${id}`)))
    const details = found.map(({ entries }) => entries.map(({ detail }) => JSON.stringify(detail)))
    const hashes = details.map((list) => [...new Set(list.join().match(/sha256:[\w-]{22}/g))])
    expect(hashes.map((list) => list.length)).toEqual([1, 1])
    expect(hashes[0]).not.toEqual(hashes[1])
  })

  it('C-AUD-03 holds no private value and no secret anywhere, and no salt of who is gone', async () => {
    const { read } = server.ctx.engine
    const stored = JSON.stringify([
      await read.selectFrom('audit').selectAll().execute(),
      await read.selectFrom('audit_seals').selectAll().execute(),
    ])
    const secrets = ['Lovelace', 'ada@home.example', '+44', '1815', 'canary', 'Bobby', server.adminToken]
    expect(secrets.filter((secret) => stored.includes(secret))).toEqual([])
    const users = await read.selectFrom('users').select(['user_name', 'salt']).execute()
    expect(users.map(({ user_name }) => user_name)).not.toContain('bob@example.com')
    expect(users.filter(({ salt }) => salt.length < 32 || stored.includes(salt))).toEqual([])
  })

  it('says nothing in `/Schemas` of what is private', async () => {
    const { text } = await okta.call('GET', '/Schemas')
    expect(text).toContain('birthday')
    expect(text).not.toContain('"private"')
  })

  it.each([
    ['the id of a user', () => `subject=${ada}`, ['user.updated', 'user.created']],
    ['the name of a user', () => 'subject=ADA@example.com', ['user.updated', 'user.created']],
    ['the name of a user who is gone', () => 'subject=bob@example.com', ['user.deleted', 'user.created']],
    ['the name of a group', () => 'subject=analysts', ['group.created']],
    ['an action', () => 'action=user.deleted', ['user.deleted']],
    ['a directory', () => 'directory=entra&search=user', ['user.created']],
    ['an actor', () => 'actor=token:environment&search=model', ['model.applied']],
    ['part of an action', () => 'search=model', ['model.applied']],
    ['part of a name', () => 'search=EVE@', ['user.created']],
    ['part of an id', () => `search=${group.slice(3)}`, ['group.created']],
    ['a time that has passed', () => 'until=2020-01-01', []],
    ['a time that is to come', () => 'from=2100-01-01T00:00:00%2B02:00', []],
    ['several at once', () => `subject=${ada}&action=user.updated&directory=okta`, ['user.updated']],
  ])('is searched by %s', async (_, query, found) => {
    expect(await actions(query())).toEqual(found)
  })

  it('comes in pages, the newest entry first, however it is searched', async () => {
    for (const query of ['', '&directory=okta', '&search=user', '&from=2020-01-01']) {
      const { entries } = await audit(`limit=1000${query}`)
      const all = entries.map(({ entry }) => entry)
      const paged: number[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined;) {
        const page: Page = await audit(`limit=2${query}${cursor && `&cursor=${cursor}`}`)
        paged.push(...page.entries.map(({ entry }) => entry))
        cursor = page.nextCursor
      }
      expect([query, paged]).toEqual([query, all])
      expect(entries).toEqual(entries.toSorted((a, b) => b.at.localeCompare(a.at) || b.entry - a.entry))
      expect(all.length).toBeGreaterThan(4)
    }
  })

  it('is for administrators', async () => {
    const { token } = await administer<{ token: string }>(server, 'POST', '/tokens', { scope: 'read' })
    const ask = async (path: string): Promise<number> =>
      (
        await send(server.url, {
          method: 'GET',
          path: `/api/v1${path}`,
          headers: { Authorization: `Bearer ${token}` },
        })
      ).status
    expect([await ask('/audit'), await ask('/audit/checkpoint')]).toEqual([403, 200])
  })

  it.each(['from=yesterday', 'limit=0', 'limit=1001', 'colour=red', 'cursor=x', 'search='])(
    'refuses `%s`',
    async (query) => {
      await expect(audit(query)).rejects.toThrow(/was answered 400/)
    },
  )

  it('does not know a directory that never was, and knows one that is gone', async () => {
    await expect(audit('directory=nowhere')).rejects.toThrow(/was answered 404/)
    const gone = await scimDirectory(server, 'gone')
    await gone.createUser({ userName: 'last' })
    await administer(server, 'DELETE', `/directories/gone?confirm=gone`)
    expect((await actions(`directory=${gone.id}`))[0]).toBe('directory.deleted')
  })

  it('tells what a configuration has made different', async () => {
    const apply = (document: object): Promise<unknown> => administer(server, 'POST', '/apply', document)
    const connection = { name: 'lake', dialect: 'postgres' }
    await apply({ connections: [connection, { name: 'sea', dialect: 'postgres' }] })
    await apply({
      connections: [
        { ...connection, baseRole: 'viewer' },
        { name: 'sea', dialect: 'postgres' },
      ],
    })
    const [entry] = (await audit('action=model.applied&limit=1')).entries
    expect(entry?.detail).toMatchObject({
      changes: [
        {
          change: 'changed',
          kind: 'connection',
          name: 'lake',
          fields: [{ field: 'baseRole', after: 'viewer' }],
        },
      ],
    })
  })

  it('finds what changed an entry of the configuration by its name', async () => {
    const send = (method: string, path: string, body?: object): Promise<{ revision: number }> =>
      administer(server, method, path, body)
    const role = {
      name: 'Querier_No_Upload',
      displayName: 'Careful',
      tier: 'querier',
      without: ['upload_data'],
    }
    const { revision: added } = await send('POST', '/roles', role)
    await send('POST', '/roles', { name: 'other', displayName: 'Other', tier: 'viewer' })
    const { revision: changed } = await send('PATCH', '/roles/Querier_No_Upload', {
      displayName: 'No upload',
    })
    for (const query of ['search=no_upload', 'subject=querier_no_upload']) {
      const { entries } = await audit(query)
      expect([query, entries.map(({ subject }) => subject.id)]).toEqual([query, [`${changed}`, `${added}`]])
      expect(entries[0]).toMatchObject({
        action: 'model.applied',
        detail: { changes: [{ change: 'changed', kind: 'role', name: 'Querier_No_Upload' }] },
      })
    }
  })

  it('seals what it signs', async () => {
    const checkpoint = await administer<{ entries: number; lastSeq: number }>(
      server,
      'GET',
      '/audit/checkpoint',
    )
    const { entries } = await audit('limit=1000')
    expect(entries.every(({ sealed }) => sealed)).toBe(true)
    expect(checkpoint).toMatchObject({ entries: entries.length, lastSeq: entries[0]?.entry })
  })
})
