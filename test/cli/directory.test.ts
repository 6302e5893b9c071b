import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { flushQuirks } from '../../src/provision/quirks.ts'
import { commandInProcess } from '../support/cli.ts'
import { scimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

describe('signalbox directory', () => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer()
    const directory = await scimDirectory(server, 'okta')
    const id = await directory.createUser({ userName: 'ada', costCentre: '4711', 'bad\u001b[31m': 1 })
    await directory.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'False' })
    await directory.createGroup('Tours', [id, '00u-bob'])
    await flushQuirks(server.ctx)
  })
  afterAll(() => server.stop())

  const run = (...args: string[]) => commandInProcess(server, 'directory', ...args)

  it('tells the habits of a directory in words, and no value', async () => {
    const { code, out } = await run('quirks', 'okta')
    expect(code).toBe(0)
    expect(out).toMatch(/^1 +\S+Z {2}`op` in any letter case \(N1\)$/m)
    expect(out).toContain('`"True"` and `"False"` are booleans where the schema has a boolean (N5)')
    expect(out).toMatch(/Attributes that this directory keeps sending[^]+costCentre/)
    expect(out).not.toContain('4711')
    expect(out).not.toContain('\u001b')
    expect((await run('quirks', 'okta', '--examples')).out).toContain(
      '"op":"Replace","path":"active","value":"text"',
    )
    expect(JSON.parse((await run('quirks', 'okta', '--search', 'centre', '--json')).out)).toMatchObject({
      quirks: [{ kind: 'attribute', name: 'costCentre', times: 1 }],
    })
  })

  it('tells which members are still to come', async () => {
    expect((await run('pending', 'okta')).out).toMatch(
      /^DIRECTORY +GROUP +WAITS FOR +SINCE\nokta +Tours +00u-bob /,
    )
    expect(JSON.parse((await run('pending', '--group', 'nothing', '--json')).out)).toEqual({
      pendingMembers: [],
    })
  })

  it('changes settings', async () => {
    expect((await run('set', 'okta', '--mode', 'strict')).out).toBe(
      'okta  mode strict, rehire new, brake at 500 people or 10 % in 60 minutes: alarm\n',
    )
    expect(JSON.parse((await run('set', 'okta', '--rehire', 'revive', '--json')).out)).toMatchObject({
      mode: 'strict',
      rehire: 'revive',
    })
    const bounded = await run(
      'set',
      'okta',
      '--up-to',
      'viewer',
      '--rate-per-second',
      '50',
      '--rate-burst',
      '99',
    )
    expect(bounded.out).toMatch(/\n  may grant up to viewer\n  50 requests a second, 99 at once\n$/)
    const free = await run('set', 'okta', '--no-ceiling', '--no-rate-limit')
    expect(free.out.trimEnd().split('\n')).toHaveLength(1)
    expect(await run('set', 'okta', '--mode', 'lenient')).toMatchObject({ code: 2, out: '' })
    expect(await run('quirks', 'nowhere')).toMatchObject({
      code: 1,
      err: 'there is no directory `nowhere`\n',
    })
  })
})
