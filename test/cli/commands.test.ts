import { existsSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { stringify } from 'yaml'
import { commandInProcess, commandLine } from '../support/cli.ts'
import { createPlace, type Place } from '../support/engines.ts'
import { ACME, EXAMPLE } from '../support/example.ts'
import { askToken } from '../support/oauth.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { send } from '../support/wire.ts'

describe('the command line', () => {
  let place: Place
  let server: TestServer
  let file: string

  beforeAll(async () => {
    server = await startServer()
    place = await createPlace('sqlite')
    file = path.join(path.dirname(place.url.slice('sqlite:'.length)), 'signalbox.yaml')
    writeFileSync(file, stringify(EXAMPLE))
  })
  afterAll(async () => {
    await server.stop()
    await place.remove()
  })

  /** Runs a command over the installation of this test, beside the server that has it open. */
  const run = (...args: string[]) => commandInProcess(server, ...args)
  const runWith = commandLine(() => server)

  it('applies a file and says what is different, and nothing the second time', async () => {
    const first = await run('apply', file)
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toContain('added     connection warehouse\n')
    expect(first.out).toContain('revision 1 is in force')
    expect((await run('apply', file)).out).toContain('no change: revision 1 stays in force\n')
    expect(JSON.parse((await run('apply', file, '--json')).out)).toMatchObject({ revision: 1, changes: [] })
  })

  it('makes a token that the running server accepts, and tells people and scripts how somebody is judged', async () => {
    const issued = await run('token', 'add', 'okta', '--label', 'by hand')
    const [token] = issued.out.split('\n')
    for (const [userName, dbRole] of [
      ['ada@example.com', 'finance'],
      ['bob@example.com', undefined],
    ] as const) {
      const answer = await send(server.url, {
        method: 'POST',
        path: '/scim/v2/Users',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/scim+json' },
        body: { schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'], userName, [ACME]: { dbRole } },
      })
      expect(answer.status).toBe(201)
    }
    const allowed = await run('resolve', 'ada@example.com', 'warehouse')
    expect(allowed).toMatchObject({ code: 0, err: '' })
    expect(allowed.out).toContain(
      'ALLOW  ada@example.com on warehouse: as viewer, in the environment warehouse_finance',
    )
    const denied = await run('resolve', 'bob@example.com', 'warehouse')
    expect(denied.code).toBe(3)
    expect(denied.out).toContain('DENY   bob@example.com on warehouse: no_value')
    expect(JSON.parse((await run('resolve', 'bob@example.com', 'warehouse', '--json')).out)).toMatchObject({
      decision: 'deny',
      reason: 'no_value',
    })
  })

  it('tells why somebody does not get to an environment, or have a role', async () => {
    const told = await run('resolve', 'bob@example.com', 'warehouse', '--why-not', 'warehouse_finance')
    expect(told.code).toBe(3)
    expect(told.out).toContain(`WHY NOT  the environment warehouse_finance
  directory \`okta\` sends \`FIN\`, \`finance\`, \`fin\` in \`${ACME}:dbRole\`, but
    - it sends nothing there
  rule \`finance analysts\` sets \`db_role\` to \`finance\`, but
    - directory \`okta\` has no group that \`Finance Analysts\` is bound to
    - \`userType eq "Employee"\` does not match: \`userType\` has no value`)
    const had = await run('resolve', 'ada@example.com', 'warehouse', '--why-not', 'viewer', '--json')
    expect(JSON.parse(had.out)).toMatchObject({
      whyNot: [{ wanted: { role: 'viewer' }, has: true, ways: [], more: 0 }],
    })
  })

  it('tells what each reason rests on, and how it was at a moment', async () => {
    const told = await run('resolve', 'ada@example.com', 'warehouse')
    expect(told.out).toMatch(
      /\n  attribute .+\n {17}`.+:dbRole` unchanged since \S+ \S+ by request \S+ with token `by hand`\n/,
    )
    expect(told.out).toMatch(
      /\n {17}the base role of `warehouse` unchanged since revision 1 of .+ on the command line\n/,
    )
    const before = ['--at', '2026-01-01T00:00:00Z']
    expect(await run('resolve', 'ada@example.com', 'warehouse', ...before)).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /^nothing was configured at 2026-01-01T00:00:00.000Z yet; answers exist from \S+ on\n/,
      ),
    })
    const now = ['--at', new Date().toISOString()]
    expect(await run('resolve', 'ada@example.com', 'warehouse', ...now)).toEqual(told)
    expect(await run('resolve', 'ada@example.com', '--at', 'yesterday')).toMatchObject({ code: 2 })
  })

  it('lists and shows for people and for programs', async () => {
    expect((await run('directory', 'list')).out).toMatch(/^NAME +PROVIDER +ID +SINCE\nokta +okta /)
    expect(JSON.parse((await run('status', '--json')).out)).toMatchObject({ revision: 1, engine: 'sqlite' })
    expect(JSON.parse((await run('token', 'list', '--json')).out)).toMatchObject({
      tokens: [{ label: 'by hand' }],
    })
    expect(JSON.parse((await run('export', '--json')).out)).toMatchObject({
      rules: [{ name: 'finance analysts' }],
    })
    expect(JSON.parse((await run('migrate', '--json')).out)).toEqual({ migrations: [] })
  })

  it('adds a client that fetches its own tokens, gives it a second secret, and ends both', async () => {
    const added = await run('client', 'add', 'okta', '--label', 'by hand')
    const [, id = '', url = '', secret = ''] =
      /client id +(\S+)\ntoken endpoint +(\S+)\nclient secret +(\S+) /.exec(added.out) ?? []
    expect(added).toMatchObject({ code: 0, err: '' })
    expect(url).toMatch(/\/oauth2\/[0-9a-f-]{36}\/token$/)
    const second = JSON.parse((await run('client', 'secret', 'okta', id, '--json')).out) as {
      id: string
      secret: string
    }
    const ask = async (client_secret: string): Promise<number> =>
      (await askToken(server, { client_id: id, client_secret })).status
    expect([await ask(secret), await ask(second.secret)]).toEqual([200, 200])
    expect((await run('client', 'revoke', 'okta', id, second.id)).out).toBe(`revoked ${second.id}\n`)
    expect([await ask(secret), await ask(second.secret)]).toEqual([200, 401])
    expect((await run('client', 'list', 'okta')).out).toMatch(/^CLIENT OR SECRET +LABEL/)
    await run('client', 'revoke', 'okta', id)
    expect(await ask(secret)).toBe(401)
    const trusting = [
      'client',
      'add',
      'okta',
      '--jwks-url',
      'https://keys.example.com/',
      '--issuer',
      'i',
      '--json',
    ]
    expect(JSON.parse((await run(...trusting)).out)).toMatchObject({ trust: { issuer: 'i' } })
  })

  it.each([
    ['an unknown command', ['resolv'], 2, 'Did you mean resolve?'],
    ['a missing argument', ['resolve'], 2, "missing required argument 'user'"],
    ['an unknown option', ['status', '--colour'], 2, "unknown option '--colour'"],
    [
      'an unknown connection',
      ['resolve', 'ada@example.com', 'nowhere'],
      1,
      'there is no connection `nowhere`',
    ],
    [
      'a role that is none',
      ['resolve', 'ada@example.com', 'warehouse', '--why-not', 'king'],
      1,
      '`king` is neither a role nor an environment of `warehouse`',
    ],
    [
      'why not, and nowhere',
      ['resolve', 'ada@example.com', '--why-not', 'viewer'],
      2,
      'a role is had, and an environment stands, on a connection: name it after the user',
    ],
    ['a trust without keys', ['client', 'add', 'okta', '--issuer', 'i'], 2, 'must have either'],
    ['a limit', ['assignments', '--limit', '0'], 2, '--limit: must be at least 1'],
    ['an unknown client', ['client', 'revoke', 'okta', 'sbc_x'], 1, 'there is no client `sbc_x`'],
    ['an unknown directory', ['token', 'add', 'nowhere'], 1, 'there is no directory `nowhere`'],
    ['a file that is not there', ['apply', '/nowhere.yaml'], 1, 'the file `/nowhere.yaml` cannot be read'],
    [
      'a directory that exists',
      ['directory', 'add', 'OKTA', 'okta'],
      1,
      'there is a directory `OKTA` already',
    ],
  ])('says what is wrong with %s in the exit code and on standard error', async (_, args, code, says) => {
    const ended = await run(...args)
    expect(ended.code).toBe(code)
    expect(ended.out).toBe('')
    expect(ended.err).toContain(says)
  })

  it('lists who has what, by role, value, environment and state, page by page', async () => {
    const all = await run('assignments')
    expect(all.out).toMatch(/^USER +DIRECTORY +CONNECTION +STATE +ROLE +ENVIRONMENT +VALUE\n/)
    expect(all.out).toMatch(/ada@example\.com +okta +warehouse +allow +viewer +warehouse_finance +finance/)
    expect(all.out).toMatch(/bob@example\.com +okta +warehouse +deny: no_value/)
    const users = async (...args: string[]) => {
      const { assignments } = JSON.parse((await run('assignments', '--json', ...args)).out) as {
        assignments: { user: { userName: string }; connection: string }[]
      }
      return assignments
        .filter(({ connection }) => connection === 'warehouse')
        .map(({ user }) => user.userName)
    }
    expect(await users('--environment', 'warehouse_finance')).toEqual(['ada@example.com'])
    expect(await users('--value', 'finance', '--role', 'viewer')).toEqual(['ada@example.com'])
    expect(await users('--state', 'deny', '--connection', 'warehouse')).toEqual(['bob@example.com'])
    expect(await users('--search', 'ADA')).toEqual(['ada@example.com'])
    const first = await run('assignments', '--limit', '1', '--connection', 'warehouse')
    const cursor = /--cursor (\S+?),/.exec(first.out)?.[1] ?? ''
    const rest = await run('assignments', '--limit', '1', '--connection', 'warehouse', '--cursor', cursor)
    expect([first.out, rest.out].map((one) => /\w+@example\.com/.exec(one)?.[0])).toEqual([
      'ada@example.com',
      'bob@example.com',
    ])
  })

  it('answers about every connection when none is named', async () => {
    const told = await run('resolve', 'ada@example.com')
    expect(told).toMatchObject({
      code: 0,
      out: expect.stringContaining('ALLOW  ada@example.com on warehouse'),
    })
  })

  it('says what is wrong as JSON where JSON was asked for', async () => {
    const { code, out } = await run('resolve', 'ada@example.com', 'nowhere', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toEqual({ error: { status: 404, detail: 'there is no connection `nowhere`' } })
  })

  it('makes no new installation where the server has none', async () => {
    const nowhere = path.join(path.dirname(file), 'nowhere.db')
    const ended = await runWith({ DATABASE_URL: `sqlite:${nowhere}` }, 'status')
    expect(ended).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(`there is no file \`${nowhere}\``),
    })
    expect(existsSync(nowhere)).toBe(false)
  })

  it('names every wrong place of a file', async () => {
    const wrong = path.join(path.dirname(file), 'wrong.yaml')
    writeFileSync(
      wrong,
      'connections:\n  - { name: lake }\nrules:\n  - { name: r, group: G, grant: { role: king, on: lake } }\n',
    )
    const { code, err } = await run('apply', wrong)
    expect(code).toBe(1)
    expect(err).toContain('connections[0].dialect: is missing')
  })
})
