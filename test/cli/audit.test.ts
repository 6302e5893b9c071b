import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../support/admin.ts'
import { commandLine } from '../support/cli.ts'
import { scimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'
import { openTamperer, type Tamperer } from '../support/tamper.ts'

describe('the audit on the command line', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-audit-'))
  const kept = path.join(folder, 'kept.jsonl')
  let server: TestServer
  let tamperer: Tamperer
  const runWith = commandLine(() => server, folder)
  const run = (...args: string[]) => runWith({}, ...args)

  beforeAll(async () => {
    server = await startServer()
    const okta = await scimDirectory(server, 'okta')
    const ada = await okta.createUser({ userName: 'ada@example.com', title: 'Engineer' })
    await okta.createGroup('Analysts', [ada])
    await okta.patch(`/Users/${ada}`, { op: 'replace', path: 'title', value: 'Countess' })
    tamperer = await openTamperer('sqlite', server.databaseUrl)
  })
  afterAll(async () => {
    await tamperer?.close()
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('lists who changed what for people', async () => {
    const { code, out, err } = await run('audit', '--subject', 'ada@example.com')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^ENTRY +AT +WHO +ACTION +DIRECTORY +SUBJECT +WHAT\n/)
    expect(out).toMatch(/ test +user\.updated +okta +ada@example\.com +title\n/)
    expect(out.trim().split('\n')).toHaveLength(3)
  })

  it('lists it for programs, as many as they want', async () => {
    const list = async (...args: string[]): Promise<{ action: string }[]> =>
      (JSON.parse((await run('audit', '--json', ...args)).out) as { entries: { action: string }[] }).entries
    expect(await list('--limit', '2')).toMatchObject([
      { action: 'user.updated' },
      { action: 'group.created' },
    ])
    expect(await list('--directory', 'okta', '--search', 'analysts')).toMatchObject([
      { detail: { after: { displayName: 'Analysts' } } },
    ])
  })

  it.each([
    ['--from', 'yesterday', 2],
    ['--limit', 'many', 2],
    ['--directory', 'nowhere', 1],
  ])('says what is wrong with `%s %s`, and ends with %i', async (option, value, code) => {
    const ended = await run('audit', option, value)
    expect(ended).toMatchObject({ code, out: '' })
    expect(ended.err).toContain(code === 2 ? `  ${option}: ` : 'nowhere')
  })

  it('takes nothing for a public key that is none', async () => {
    expect(await run('verify-audit', '--public-key', 'xxx')).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('is no key'),
    })
  })

  it('says which entries of the configuration a revision changed', async () => {
    const roles = [{ name: 'analyst', displayName: 'Analysts', tier: 'querier' }]
    await administer(server, 'POST', '/apply', {
      roles,
      connections: [{ name: 'lake', dialect: 'postgres' }],
    })
    await administer(server, 'PATCH', '/roles/analyst', { displayName: 'Analyst' })
    await administer(server, 'DELETE', '/roles/analyst')
    const { out } = await run('audit', '--subject', 'analyst', '--action', 'model.applied')
    expect(out.trim().split('\n').slice(1)).toEqual([
      expect.stringMatching(/ model\.applied +- +3 +-role analyst$/),
      expect.stringMatching(/ model\.applied +- +2 +role analyst$/),
      expect.stringMatching(/ model\.applied +- +1 +\+role analyst, \+connection lake$/),
    ])
  })

  it('finds an untouched audit as it was, and says what it cannot know', async () => {
    const { code, out, err } = await run('verify-audit')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toMatch(/^entries +\d+ in \d+ blocks, sealed up to entry \d+ on 2/)
    expect(out).toMatch(
      /none at hand \(there is no .*audit-checkpoints\.jsonl\), so nobody can tell whether the end was cut off/,
    )
    expect(out).toMatch(/\nnothing was changed\n$/)
  })

  it('gives a checkpoint to keep, and compares with it', async () => {
    const { out } = await run('audit', 'checkpoint')
    writeFileSync(kept, out)
    expect(JSON.parse((await run('verify-audit', '--checkpoints', kept, '--json')).out)).toMatchObject({
      checkpoints: 1,
      unsealed: 0,
      findings: [],
    })
    expect((await runWith({ AUDIT_CHECKPOINT_FILE: kept }, 'verify-audit')).out).toContain(
      `1 of ${kept} agree`,
    )
    expect(await run('verify-audit', '--checkpoints', path.join(folder, 'nowhere'))).toMatchObject({
      code: 1,
    })
  })

  it('verifies from outside with nothing but the database and the public key, and writes nothing', async () => {
    const { publicKey } = JSON.parse(readFileSync(kept, 'utf8')) as { publicKey: string }
    const outside = { SIGNALBOX_SECRET_KEY: undefined }
    const before = await tamperer.rows('select block, signature from audit_seals')
    const verified = await runWith(outside, 'verify-audit', '--public-key', publicKey, '--checkpoints', kept)
    expect(verified).toMatchObject({ code: 0, err: '', out: expect.stringContaining('nothing was changed') })
    expect(await tamperer.rows('select block, signature from audit_seals')).toEqual(before)
    expect(existsSync(path.join(folder, 'data'))).toBe(false)
    const wrong = await runWith(outside, 'verify-audit', '--public-key', `A${publicKey.slice(1)}`, '--json')
    expect(wrong.code).toBe(4)
    expect(JSON.parse(wrong.out)).toMatchObject({ findings: [{ kind: 'signature', from: 1 }] })
  })

  it('says exactly what was tampered with, and ends with a code of its own', async () => {
    await tamperer.force(
      `update audit set actor = 'cli' where seq = 2`,
      'delete from audit where seq in (4, 5)',
    )
    const { code, out } = await run('verify-audit', '--checkpoints', kept)
    expect(code).toBe(4)
    expect(out).toContain('\nentry 2 was changed after the seal was put on\nentries 4 to 5 were deleted\n')
    expect(out).not.toContain('nothing was changed')
  })
})
