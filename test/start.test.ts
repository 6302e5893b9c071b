import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { VARIABLE_NAMES } from '../src/config.ts'
import { createPlace, engines } from './support/engines.ts'
import { send } from './support/wire.ts'

/** Starts the server as the README says and gives what it printed, up to the line that says it listens or to its end. */
function start(
  env: Record<string, string>,
): Promise<{ said: string; code: number | null; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: { PATH: process.env['PATH'], PORT: '0', LOG_LEVEL: 'silent', ...env },
  })
  const gone = new Promise<number | null>((resolve) => {
    child.once('exit', resolve)
  })
  let said = ''
  return new Promise((resolve) => {
    const hear = (chunk: Buffer): void => {
      said += chunk.toString()
      if (said.includes('listening on')) {
        resolve({
          said,
          code: null,
          async stop() {
            child.kill('SIGTERM')
            await gone
          },
        })
      }
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    void gone.then((code) => resolve({ said, code, stop: async () => {} }))
  })
}

const tokenIn = (said: string): string | undefined => /admin token {2}(sb_\S+)/.exec(said)?.[1]
const urlIn = (said: string): string => /listening on (\S+)/.exec(said)?.[1] ?? ''

describe('the start', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'signalbox-start-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(engines)(
    'makes a first administrator token, shows it once, and finds everything again on %s',
    async (engine) => {
      const place = await createPlace(engine)
      const env = {
        DATABASE_URL: place.url,
        SIGNALBOX_SECRET_KEY: 'the same key for both starts, 32 characters',
      }
      const ask = (url: string, token: string, method: string, at: string, body?: object) =>
        send(url, { method, path: `/api/v1${at}`, headers: { Authorization: `Bearer ${token}` }, body })

      const first = await start(env)
      const token = tokenIn(first.said) ?? ''
      expect(token).not.toBe('')
      expect(first.said).toMatch(/SCIM +http:\/\/127\.0\.0\.1:\d+\/scim\/v2/)
      expect((await ask(urlIn(first.said), token, 'POST', '/directories', { name: 'kept' })).status).toBe(201)
      await first.stop()

      const second = await start(env)
      expect(tokenIn(second.said)).toBeUndefined()
      expect((await ask(urlIn(second.said), token, 'GET', '/directories/kept')).status).toBe(200)
      await second.stop()

      const wrongKey = await start({
        ...env,
        SIGNALBOX_SECRET_KEY: 'another key, which is 32 characters long too',
      })
      expect(wrongKey).toMatchObject({
        code: 1,
        said: expect.stringContaining('SIGNALBOX_SECRET_KEY is not the key'),
      })
      await place.remove()
    },
  )

  it.each([['unset'], ['empty']])(
    'keeps checkpoints of the audit beside the database when the setting is %s, where `verify-audit` looks unasked',
    async (how) => {
      const file = path.join(folder, how, 'audit-checkpoints.jsonl')
      const env = {
        DATABASE_URL: `sqlite:${path.join(folder, how, 'signalbox.db')}`,
        ...(how === 'empty' && { AUDIT_CHECKPOINT_FILE: '' }),
      }
      const server = await start(env)
      await server.stop()
      const options = { env: { PATH: process.env['PATH'], ...env }, encoding: 'utf8' } as const
      const verified = execFileSync(process.execPath, ['src/cli/signalbox.js', 'verify-audit'], options)
      expect(verified).toMatch(new RegExp(`^checkpoints  [1-9]\\d* of ${file} agree$`, 'm'))
    },
  )

  const wrong: [variable: string, value: string, says: string][] = [
    ['PORT', 'eighty', 'PORT must be a whole number from 0 to 65535'],
    ['PORT', '70000', 'PORT must be a whole number from 0 to 65535'],
    ['DATABASE_URL', 'mysql://x/y', 'DATABASE_URL must be `sqlite:<file>` or `postgres://'],
    [
      'DATABASE_URL',
      'postgres://nobody@127.0.0.1:1/none',
      'DATABASE_URL names a database that cannot be opened',
    ],
    ['PUBLIC_URL', 'scim.example.com', 'PUBLIC_URL must be the http(s) address'],
    ['SIGNALBOX_ADMIN_TOKEN', 'short', 'SIGNALBOX_ADMIN_TOKEN must have at least 20 characters'],
    ['SIGNALBOX_SECRET_KEY', 'short', 'SIGNALBOX_SECRET_KEY must have at least 32 characters'],
    ['AUDIT_CHECKPOINT_FILE', '/dev/null/file', 'AUDIT_CHECKPOINT_FILE names `/dev/null/file`, which cannot'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of'],
    ['MAX_BODY_BYTES', '-1', 'MAX_BODY_BYTES must be a whole number'],
    ['MAX_QUERY_MS', '0', 'MAX_QUERY_MS must be a whole number from 1 to 600000'],
    ['HISTORY_DAYS', 'all', 'HISTORY_DAYS must be a whole number from 0 to 36500'],
    ['TOMBSTONE_DAYS', '-1', 'TOMBSTONE_DAYS must be a whole number from 0 to 36500'],
    ['RATE_LIMIT', 'many', 'RATE_LIMIT must be a whole number from 0 to 1000000'],
    ['RATE_BURST', '0', 'RATE_BURST must be a whole number from 1 to 1000000'],
    ['DATABASE_POOL', '0', 'DATABASE_POOL must be a whole number from 1 to 1000'],
  ]

  it.each(wrong)('stops with one line about %s when it is `%s`', async (variable, value, says) => {
    const { said, code } = await start({ DATABASE_URL: `sqlite:${folder}/wrong.db`, [variable]: value })
    expect(code).toBe(1)
    expect(said.startsWith(says)).toBe(true)
    expect(said.trim().split('\n')).toHaveLength(1)
  })

  it('has a case above for every variable that can be wrong', () => {
    const covered = new Set(wrong.map(([variable]) => variable))
    expect(VARIABLE_NAMES.filter((name) => !covered.has(name))).toEqual(['HOST'])
  })
})
