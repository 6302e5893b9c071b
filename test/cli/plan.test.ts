import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { stringify } from 'yaml'
import { administer } from '../support/admin.ts'
import { runCommand } from '../support/command.ts'
import { ACME, EXAMPLE } from '../support/example.ts'
import { scimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

describe('changes of configuration on the command line', () => {
  let server: TestServer
  let okta: Awaited<ReturnType<typeof scimDirectory>>
  let file: string

  beforeAll(async () => {
    server = await startServer()
    okta = await scimDirectory(server, 'okta')
    await administer(server, 'POST', '/apply', EXAMPLE)
    await okta.createUser({ userName: 'ada@example.com', [ACME]: { dbRole: 'finance' } })
    file = path.join(path.dirname(server.databaseUrl.slice('sqlite:'.length)), 'planned.yaml')
  })
  afterAll(() => server.stop())

  const run = (...args: string[]) => runCommand(server, ...args)

  it('are planned, applied as planned, refused when the present has moved, and rolled back', async () => {
    const lake = { name: 'lake', dialect: 'postgres' }
    writeFileSync(file, stringify({ ...EXAMPLE, connections: [lake], rules: [] }))
    const told = await run('plan', file)
    expect(told).toMatchObject({ code: 4, err: '' })
    expect(told.out).toContain('Differences from revision 1\n')
    expect(told.out).toContain('removed   connection warehouse\n')
    expect(told.out).toContain('Effect on people: 1 of 1\n')
    expect(told.out).toMatch(
      /ada@example.com +okta +warehouse +warehouse_finance as viewer +- +- +the connection is decided no longer/,
    )
    const [, id = ''] = /signalbox apply --plan (\S+)/.exec(told.out) ?? []
    expect((await run('apply', '--plan', id)).out).toContain('revision 2 is in force')
    const again = await run('apply', '--plan', id)
    expect(again.code).toBe(1)
    expect(again.err).toMatch(
      /revision 2 is in force and not 1 .*\n +revisions\[2\]: was applied at .* by cli/,
    )
    expect((await run('rollback')).out).toContain('it says what revision 1 said\n')
    expect((await run('revisions')).out).toMatch(/^REVISION.*\n3 .* cli +1\n2 .*\n1 /)
  })

  it('are told apart from none by the exit code', async () => {
    writeFileSync(file, stringify(EXAMPLE))
    expect(await run('plan', file)).toMatchObject({
      code: 0,
      out: 'no change: revision 3 says the same already\n',
    })
    expect(await run('apply')).toMatchObject({ code: 2, out: '' })
    writeFileSync(file, '{"a":'.repeat(100))
    expect(await run('lint', file)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^the file `.*` cannot be read: .* nested too deep/),
    })
  })

  it('are planned with what they would be refused for, and the exit code of a failure', async () => {
    const attributes = [{ name: 'dbRole', uniqueness: 'server' }]
    writeFileSync(file, stringify({ ...EXAMPLE, extensions: [{ urn: ACME, attributes }] }))
    expect(await run('plan', file)).toMatchObject({ code: 4 })
    await okta.createUser({ userName: 'ben@example.com', [ACME]: { dbRole: 'Finance' } })
    const told = await run('plan', file)
    const refusal =
      'cannot be held: one value of directory `okta` belongs to several users: `finance` to `ada@example.com` and `ben@example.com`\n'
    expect(told).toMatchObject({ code: 1, err: '' })
    expect(told.out).toMatch(/nothing was changed; applying it would be refused, as people are now:\n.*\n$/)
    expect(told.out).toContain(refusal)
    expect(await run('apply', file)).toMatchObject({ code: 1, err: expect.stringContaining(refusal) })
  })
})
