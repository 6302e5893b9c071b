import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { conversations } from '../../src/cli/doctor/conversations/index.ts'
import { Closed, examine } from '../../src/cli/doctor/doctor.ts'
import type { Played } from '../../src/cli/doctor/play.ts'
import { addDirectory, administer } from '../support/admin.ts'
import { createIssuer } from '../support/issuer.ts'
import { addClient } from '../support/oauth.ts'
import { startServer } from '../support/server.ts'
import type { TestServer } from '../support/server.ts'
import { startWrongServer } from './wrong-server.ts'
import type { Wrong, WrongAnswer, WrongServer } from './wrong-server.ts'

let server: TestServer
let base: string
let directory: { readonly id: string; readonly token: string }

beforeAll(async () => {
  server = await startServer()
  base = `${server.url}/scim/v2`
  directory = await addDirectory(server, 'doctor')
})

afterAll(async () => {
  await server?.stop()
})

/** What the directory holds: nothing, when the doctor has cleaned up. */
async function inhabitants(): Promise<{ users: number; groups: number }> {
  const { directories } = await administer<{
    directories: { name: string; users: number; groups: number }[]
  }>(server, 'GET', '/status')
  const { users = -1, groups = -1 } = directories.find(({ name }) => name === 'doctor') ?? {}
  return { users, groups }
}

const empty = { users: 0, groups: 0 }

describe('a server with one mistake', () => {
  /** Plays one client against the mistake. */
  async function playWrong(name: string, wrong: Wrong): Promise<Played> {
    const proxy = await startWrongServer(base, wrong)
    try {
      const chosen = conversations.filter((one) => one.name === name)
      const [played] = await examine({ url: proxy.url, token: directory.token, conversations: chosen })
      if (!played) throw new Error('nothing was played')
      return played
    } finally {
      await proxy.stop()
    }
  }

  const told = ({ failures }: Played): [string, readonly string[]][] =>
    failures.map(({ scene, does, faults }) => [`${scene}: ${does}`, faults])

  it('that ignores `excludedAttributes` is told where members came back', async () => {
    const played = await playWrong('entra', {
      request: (request) => ({
        ...request,
        path: request.path.replace('excludedAttributes=members', 'x=y'),
      }),
    })
    expect(told(played)).toEqual([
      [
        'groups: reads the full group without members',
        [expect.stringMatching(/^\/members is there: \[\{"value":/)],
      ],
      [
        'groups: finds the group without members',
        [expect.stringMatching(/^\/Resources\/0\/members is there: /)],
      ],
    ])
    expect(await inhabitants()).toEqual(empty)
  })

  it('that answers 404 to a filter without a match is told so at every such filter', async () => {
    const notFound = JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '404',
      detail: 'nobody matches',
    })
    const wrong: Wrong = {
      answer: (answer, { path }) =>
        path.includes('filter=') && answer.text.includes('"totalResults":0')
          ? { ...answer, status: 404, text: notFound }
          : answer,
    }
    const entra = told(await playWrong('entra', wrong))
    expect(entra[0]).toEqual(['connect: looks for somebody who is not there', ['answered 404 and not 200']])
    expect(new Set(entra.flatMap(([, faults]) => faults))).toEqual(new Set(['answered 404 and not 200']))
    // Okta and OneLogin take it for nobody.
    expect(told(await playWrong('okta', wrong))).toEqual([])
    expect(told(await playWrong('onelogin', wrong))).toEqual([])
  })

  it('that forgets `Location` is told so at every creation, and the conversation goes on', async () => {
    const played = await playWrong('jumpcloud', {
      answer: ({ headers: { location: _location, ...headers }, ...rest }) => ({ ...rest, headers }),
    })
    expect(new Set(told(played).flatMap(([, faults]) => faults))).toEqual(
      new Set(['the answer has no header `Location`']),
    )
    expect(played.failures).toHaveLength(6)
    expect(played.skipped).toEqual([])
  })

  it('that empties a group on a remove with a list of values is told who was lost', async () => {
    const played = await playWrong('entra', {
      request: (request) =>
        withOperations(request, (operation) => {
          const { value: _value, ...rest } = operation
          return /^remove$/i.test(String(rest['op'])) && rest['path'] === 'members' ? rest : operation
        }),
    })
    expect(told(played).slice(0, 1)).toEqual([
      ['groups: takes one of the members out', ['the group lacks ada', 'the group lacks cleo']],
    ])
    const [failure] = played.failures
    expect(failure?.exchanges.map(({ request }) => request.method)).toEqual(['PATCH', 'GET'])
  })

  it('that counts in text is told which number', async () => {
    const played = await playWrong('google', {
      answer: (answer) => ({
        ...answer,
        text: answer.text.replace(/"totalResults":(\d+)/, '"totalResults":"$1"'),
      }),
    })
    expect(told(played)[0]).toEqual(['connect: reads one user', ['`totalResults` is "0" and not a number']])
  })

  it('that hides who has left is told that nobody is found', async () => {
    const played = await playWrong('okta', {
      request: (request) => ({
        ...request,
        path: request.path.replace(/(%22)(&startIndex)/, '$1%20and%20active%20eq%20true$2'),
      }),
    })
    expect(told(played)).toEqual([
      ['leave: finds who has left', ['/Resources has no {"active":false} in []', 'the list lacks ida']],
      ['return: finds who has left', ['the list lacks ida']],
    ])
  })

  it('that creates nobody fails that step, and the steps that need the person are left out', async () => {
    const played = await playWrong('google', {
      answer: (answer, { method }) =>
        method === 'POST' ? { ...answer, status: 500, text: 'out of order' } : answer,
    })
    expect(told(played)[0]).toEqual(['create: creates the user', ['answered 500 and not 201']])
    expect(played.skipped[0]).toEqual({
      scene: 'create',
      does: 'finds the user',
      why: 'there is no mia',
    })
    // The answer had no id, but the person is there: found by name and removed.
    expect([played.left, await inhabitants()]).toEqual([[], empty])
  })

  it('that deletes nothing is told what was left there', async () => {
    let made = ''
    const played = await playWrong('google', {
      answer: (answer, { method }): WrongAnswer => {
        if (method === 'POST') made = (JSON.parse(answer.text) as { id: string }).id
        return method === 'DELETE' ? { ...answer, status: 501 } : answer
      },
      request: (request) => (request.method === 'DELETE' ? { ...request, path: '/Users/nobody' } : request),
    })
    expect(told(played)).toEqual([['delete: deletes the user', ['answered 501 and not 204']]])
    expect(await inhabitants()).toEqual({ users: 1, groups: 0 })
    expect(played.left).toEqual([`/Users/${made}`])
    await removeEverybody()
  })

  const replacing = (found: RegExp, by: string): Wrong => ({
    answer: (answer) => ({ ...answer, text: answer.text.replaceAll(found, by) }),
  })

  it.each<[string, string, Wrong, string, string]>([
    [
      'that always gives the first page',
      'microsoft-gallery',
      {
        request: (request) => ({ ...request, path: request.path.replace(/startIndex=\d+/, 'startIndex=1') }),
      },
      '21 SCIM_User_Pagination: reads them in pages of five',
      'startIndex is 1 and not 6 as asked',
    ],
    [
      'that repeats somebody on the next page',
      'microsoft-gallery',
      {
        request: (request) => ({ ...request, path: request.path.replace('startIndex=6', 'startIndex=5') }),
        answer: (answer, { path }) =>
          path.includes('startIndex=6')
            ? { ...answer, text: answer.text.replace('"startIndex":5', '"startIndex":6') }
            : answer,
      },
      '21 SCIM_User_Pagination: reads them in pages of five',
      'is on two pages',
    ],
    [
      'that gives the manager back as a text',
      'entra',
      replacing(/"manager":\{"value":("[^"]+")[^}]*\}/g, '"manager":$1'),
      'create: creates somebody with a manager as a bare id and an extension that `schemas` does not list',
      '/manager is "',
    ],
    [
      'that gives truth as a text',
      'okta',
      replacing(/"active":(true|false)/g, '"active":"$1"'),
      'create: creates the user',
      '/active is "true" and not true',
    ],
    [
      'that describes no groups',
      'entra',
      replacing(/core:2\.0:Group"/g, 'core:2.0:Crowd"'),
      'connect: opens the attribute mapping',
      '`/Schemas` does not describe `group.displayName`',
    ],
    [
      'that gives no reasons',
      'okta',
      replacing(/"detail":"[^"]*"/g, '"detail":""'),
      'create: creates the same once more',
      'the error has no `detail`',
    ],
    [
      'that sends null for what has no value',
      'rauthy',
      replacing(/"userName":/g, '"nickName":null,"userName":'),
      'create: creates the user',
      '/nickName is null',
    ],
    [
      'that speaks HTML',
      'sailpoint',
      { answer: (answer) => ({ ...answer, headers: { 'content-type': 'text/html' } }) },
      'connect: reads what the server can do',
      'Content-Type is `text/html`',
    ],
    [
      'that keeps who was deleted',
      'auth0',
      {
        request: (request) => (request.method === 'DELETE' ? { ...request, method: 'GET' } : request),
        answer: (answer, { method }) => (method === 'DELETE' ? { ...answer, status: 204, text: '' } : answer),
      },
      'delete: deletes the user',
      'answered 200 and not 404',
    ],
    [
      'that is slower than the client is patient',
      'auth0',
      {
        answer: async (answer, { method }) => {
          if (method === 'PUT') await new Promise((resolve) => setTimeout(resolve, 1600))
          return answer
        },
      },
      'change: updates the user',
      'ms and not 1500 at most',
    ],
  ])('%s is told so', async (_, client, wrong, where, fault) => {
    const [first] = told(await playWrong(client, wrong))
    expect(first).toEqual([where, expect.arrayContaining([expect.stringContaining(fault)])])
    await removeEverybody()
  })

  it('that announces roles has to have them, and one that announces none is asked for none', async () => {
    const rolesMissing: Wrong = {
      request: (request) => ({ ...request, path: request.path.replace('/Roles', '/Users/nobody') }),
    }
    const step = 'E entitlements, where there are any: reads one of each kind of role and entitlement'
    expect(told(await playWrong('okta-spec', rolesMissing))).toEqual([[step, ['answered 404 and not 200']]])
    expect(
      told(
        await playWrong(
          'okta-spec',
          replacing(/"Resources":\[\{"schemas":\["urn:okta.*/g, '"Resources":[]}'),
        ),
      ),
    ).toEqual([
      [step, expect.arrayContaining([expect.stringContaining('/Resources/0/id is empty or absent')])],
    ])
    expect(
      told(await playWrong('okta-spec', replacing(/"endpoint":"\/Roles"/g, '"endpoint":"@elsewhere"'))),
    ).toEqual([[step, ['the endpoint `@elsewhere` does not begin with `/`']]])
    const announcesNone = replacing(/urn:okta:/g, 'urn:other:')
    expect(told(await playWrong('okta-spec', { ...rolesMissing, ...announcesNone }))).toEqual([])
  })

  /** Some wrong servers keep what was deleted. */
  async function removeEverybody(): Promise<void> {
    const headers = { Authorization: `Bearer ${directory.token}` }
    for (const endpoint of ['Users', 'Groups']) {
      const answer = await fetch(`${base}/${endpoint}?attributes=id&count=1000`, { headers })
      const { Resources } = (await answer.json()) as { Resources: { id: string }[] }
      for (const { id } of Resources) await fetch(`${base}/${endpoint}/${id}`, { method: 'DELETE', headers })
    }
  }

  it('that nobody is let into is told before anything is played', async () => {
    const refused = examine({ url: base, token: 'not a token', conversations })
    await expect(refused).rejects.toThrow(Closed)
    await expect(refused).rejects.toThrow('is this a token of the directory?')
  })
})

describe('signalbox doctor', () => {
  /** Runs the command; `started` hears of its process. */
  const run = (
    args: readonly string[],
    started: (pid: number) => void = () => {},
  ): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const script = fileURLToPath(new URL('../../src/cli/signalbox.js', import.meta.url))
      const child = execFile(
        process.execPath,
        [script, 'doctor', ...args],
        { env: { PATH: process.env['PATH'] }, maxBuffer: 64 * 1024 ** 2 },
        (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code ?? -1), out, err }),
      )
      started(child.pid ?? 0)
    })

  let wrong: WrongServer

  afterAll(async () => {
    await wrong?.stop()
  })

  it('says that every client is served by this server, and leaves nothing behind', async () => {
    const { code, out } = await run(['--url', base, '--token', directory.token])
    expect({ code, out }).toEqual({ code: 0, out: expect.not.stringContaining('FAIL') })
    for (const { name, title } of conversations) expect(out).toContain(`ok    ${name.padEnd(19)}  ${title}`)
    expect(out).toContain(`all ${conversations.length} are served`)
    expect(await inhabitants()).toEqual(empty)
  })

  it('lists what can be played', async () => {
    const { clients } = JSON.parse((await run(['--list', '--json'])).out) as { clients: { name: string }[] }
    expect(clients.map(({ name }) => name)).toEqual(conversations.map(({ name }) => name))
  })

  it('tells request and answer of what failed, without the token, and ends with 1', async () => {
    wrong = await startWrongServer(base, {
      answer: (answer, request) => ({
        ...answer,
        ...(request.method === 'POST' && {
          status: 400,
          text: JSON.stringify({ youSent: request.headers?.['authorization'] }),
        }),
      }),
    })
    const args = ['--url', wrong.url, '--token', directory.token, '--client', 'google']
    const { code, out } = await run(args)
    expect(code).toBe(1)
    expect(out).toContain('FAIL  google')
    expect(out).toContain('create: creates the user\n        answered 400 and not 201')
    expect(out).toContain('> POST /Users')
    expect(out).toContain('"userName":"mia.')
    expect(out).toContain('{"youSent":"Bearer ***"}')
    const asJson = await run([...args, '--json'])
    expect(asJson.code).toBe(1)
    expect(JSON.parse(asJson.out)).toMatchObject({
      fine: false,
      clients: [
        {
          name: 'google',
          failures: [
            {
              scene: 'create',
              does: 'creates the user',
              faults: ['answered 400 and not 201'],
              exchanges: [{ request: { method: 'POST', path: '/Users' }, answer: { status: 400 } }],
            },
          ],
        },
      ],
    })
    expect(out + asJson.out).not.toContain(directory.token)
    // The wrong server said that nobody was created; they were, and are gone.
    expect(await inhabitants()).toEqual(empty)
  })

  it('cleans up when it is interrupted', async () => {
    let posts = 0
    let pid = 0
    const slow = await startWrongServer(base, {
      answer: (answer, { method }) => {
        if (method === 'POST') posts += 1
        if (method === 'POST' && posts === 3) process.kill(pid, 'SIGINT')
        return answer
      },
    })
    const args = ['--url', slow.url, '--token', directory.token, '--client', 'microsoft-gallery']
    const { code, out, err } = await run(args, (started) => {
      pid = started
    })
    await slow.stop()
    expect(posts).toBeGreaterThanOrEqual(3)
    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('removing what was made') })
    expect(out).toContain('interrupted after 1 of the clients')
    expect(await inhabitants()).toEqual(empty)
  })

  it('takes what the first user of a directory lacks for a hint, and what its own users lack for a failure', async () => {
    const spec = ['--url', base, '--token', directory.token, '--client', 'okta-spec']
    const headers = {
      Authorization: `Bearer ${directory.token}`,
      'Content-Type': 'application/scim+json',
    }
    const ada = await fetch(`${base}/Users`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ userName: 'ada@example.com' }),
    })
    const hinted = await run(spec)
    expect({ code: hinted.code, out: hinted.out }).toEqual({
      code: 0,
      out: expect.stringMatching(/ok {4}okta-spec[^]*hint: 1 [^]*\/Resources\/0\/emails\/0\/value is empty/),
    })
    expect(JSON.parse((await run([...spec, '--json'])).out)).toMatchObject({
      fine: true,
      clients: [
        { failures: [], hints: [{ does: 'reads one user', advice: expect.stringContaining('Okta') }] },
      ],
    })
    await fetch(ada.headers.get('location') ?? '', { method: 'DELETE', headers })
    expect((await run(spec)).out).not.toContain('hint')

    const wrong = await startWrongServer(base, {
      answer: (answer) => ({ ...answer, text: answer.text.replace(/"emails":\[[^\]]*\],/, '') }),
    })
    const failed = await run(['--url', wrong.url, '--token', directory.token, '--client', 'okta-spec'])
    await wrong.stop()
    expect({ code: failed.code, out: failed.out }).toEqual({
      code: 1,
      out: expect.stringContaining('1 required test: users: reads one user\n        /Resources/0/emails'),
    })
  })

  it.each(['of the directory', 'below the SCIM base URL'])(
    'says that the token endpoint %s serves Entra and Ping',
    async (which) => {
      const issuer = await createIssuer()
      const trust = { issuer: 'https://login.example.com', subject: 'entra', audience: 'api://signalbox' }
      const withSecret = await addClient(server, directory.id)
      const trusted = await addClient(server, directory.id, { trust: { ...trust, jwks: issuer.jwks } })
      const assertion = await issuer.sign({ iss: trust.issuer, sub: trust.subject, aud: trust.audience })
      for (const [client, shown, steps] of [
        [withSecret, ['--client-secret', withSecret.secret ?? ''], 3],
        [trusted, ['--client-assertion', assertion], 2],
      ] as const) {
        const tokenUrl = which === 'of the directory' ? client.tokenUrl : `${base}/oauth2/token`
        const args = ['--url', base, '--token', directory.token, '--client', 'google']
        const { code, out } = await run([
          ...args,
          '--token-url',
          tokenUrl,
          '--client-id',
          client.id,
          ...shown,
        ])
        const fine = new RegExp(`ok {4}oauth .* ${steps} steps`)
        expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(fine) })
      }
    },
  )

  it('tests a token endpoint as well, and hides its secrets', async () => {
    const endpoint = await startTokenEndpoint(directory.token)
    const args = ['--url', base, '--token', directory.token, '--client', 'google']
    const oauth = [
      '--token-url',
      endpoint.url,
      '--client-id',
      'entra',
      '--client-secret',
      's3cr3t-of-a-client',
    ]
    const good = await run([...args, ...oauth])
    expect(good.out).toMatch(/ok {4}oauth .* 3 steps/)
    expect(good.code).toBe(0)
    endpoint.life = 60
    const bad = await run([...args, ...oauth])
    expect(bad.code).toBe(1)
    expect(bad.out).toContain('`expires_in` is 60 and not 3600 to 21600 seconds')
    expect(bad.out).not.toContain('s3cr3t-of-a-client')
    expect(bad.out).not.toContain(directory.token)
    await endpoint.stop()
    const missing = await run([...args, '--token-url', endpoint.url])
    expect(missing).toMatchObject({ code: 1, err: expect.stringContaining('`--client-id`') })
  })

  it.each([
    ['no address', ['--token', 'x'], "required option '--url' not specified"],
    ['no token', ['--url', 'http://localhost/scim/v2'], "required option '--token' not specified"],
    ['an address that is none', ['--url', 'localhost', '--token', 'x'], 'http:// or https://'],
    ['an unknown client', ['--client', 'oktta'], 'there are: entra, '],
  ])('says what is wrong with %s', async (_, args, says) => {
    const { code, err } = await run(args)
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(says) })
  })
})

/** Replaces the operations of a PATCH. */
function withOperations(
  request: Parameters<NonNullable<Wrong['request']>>[0],
  change: (operation: Record<string, unknown>) => Record<string, unknown>,
): typeof request {
  if (request.method !== 'PATCH' || typeof request.body !== 'string') return request
  const { Operations, ...rest } = JSON.parse(request.body) as { Operations: Record<string, unknown>[] }
  return { ...request, body: JSON.stringify({ ...rest, Operations: Operations.map(change) }) }
}

/** A token endpoint that knows one secret and always issues the same token. */
async function startTokenEndpoint(
  token: string,
): Promise<{ url: string; life: number; stop(): Promise<void> }> {
  const basic = `Basic ${Buffer.from('entra:s3cr3t-of-a-client').toString('base64')}`
  const endpoint = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    incoming.on('end', () => {
      const known =
        incoming.headers.authorization === basic || body.includes('client_secret=s3cr3t-of-a-client')
      outgoing.writeHead(known ? 200 : 401, {
        'Content-Type': 'application/json',
        'Cache-Control': 'no-store',
      })
      outgoing.end(
        JSON.stringify(
          known
            ? { access_token: token, token_type: 'Bearer', expires_in: started.life }
            : { error: 'invalid_client' },
        ),
      )
    })
  })
  await new Promise<void>((resolve) => {
    endpoint.listen(0, '127.0.0.1', resolve)
  })
  const started = {
    url: `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/oauth2/token`,
    life: 3600,
    async stop() {
      endpoint.closeAllConnections()
      await new Promise((resolve) => {
        endpoint.close(resolve)
      })
    },
  }
  return started
}
