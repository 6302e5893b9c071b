import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { openStore } from '../../db/open.ts'
import { createContext, type Context } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { openCheckpointFile, readCheckpoints } from '../../src/provision/checkpoint-file.ts'
import { startSealing } from '../../src/provision/keep-sealing.ts'
import { recordQuietly } from '../../src/provision/record.ts'
import { sealAudit } from '../../src/provision/seal-audit.ts'
import { verifyAudit, type Verdict } from '../../src/provision/verify-audit.ts'
import type { Db } from '../../src/store/db.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { openTamperer, type Tamperer } from '../support/tamper.ts'

describe.each(engines)('sealing the audit on %s', (name) => {
  let test: TestEngine
  let ctx: Context
  let tamperer: Tamperer
  let folder: string
  const said: string[] = []

  beforeAll(async () => {
    test = await openTestEngine(name)
    ctx = contextOf(test.engine)
    tamperer = await openTamperer(name, test.url)
    folder = mkdtempSync(path.join(tmpdir(), 'signalbox-seals-'))
  })
  afterAll(async () => {
    await tamperer?.close()
    await test?.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  beforeEach(async () => {
    said.length = 0
    await tamperer.force(
      'delete from audit',
      'delete from audit_seals',
      name === 'sqlite' ? 'delete from sqlite_sequence' : 'alter sequence audit_seq_seq restart',
    )
  })

  const contextOf = (engine: TestEngine['engine']): Context =>
    createContext({
      engine,
      log: createLog('info', { write: (line) => said.push(line) }),
      publicUrl: 'http://localhost',
      secretKey: 'a key that only tests have, 32 characters and more',
    })
  const put = (db: Db, subjectId: string, detail: Readonly<Record<string, unknown>> = {}): Promise<void> =>
    recordQuietly(ctx, db, {
      cause: { actor: 'cli', requestId: ctx.newRequestId() },
      directoryId: null,
      kind: 'test.happened',
      subjectId,
      detail,
    })
  const write = (subjectId: string, detail?: Readonly<Record<string, unknown>>): Promise<void> =>
    ctx.engine.write((db) => put(db, subjectId, detail))
  const verify = (file?: string): Promise<Verdict> => {
    const checkpoints = file === undefined ? undefined : readCheckpoints(file)
    return verifyAudit(
      test.engine,
      { publicKey: ctx.audit.publicKey, keys: ctx.audit, checkpoints },
      () => undefined,
    )
  }

  it('does nothing while there is nothing', async () => {
    expect(await sealAudit(ctx)).toBeUndefined()
    expect(await verify()).toMatchObject({ entries: 0, blocks: 0, sealed: null, findings: [] })
  })

  it('seals each entry once, and only what is new', async () => {
    await write('a')
    const first = await sealAudit(ctx)
    expect(first).toMatchObject({ block: 1, entries: 1, lastSeq: 1 })
    expect(await sealAudit(ctx)).toEqual(first)
    await write('b')
    expect(await sealAudit(ctx)).toMatchObject({ block: 2, entries: 2, lastSeq: 2 })
  })

  it('holds two entries of one moment and one request that say the same', async () => {
    const still = { ...ctx, now: () => '2026-11-22T04:00:00.000Z' }
    const one = {
      cause: { actor: 'cli', requestId: 'r' },
      directoryId: null,
      kind: 'test.happened',
      subjectId: 'a',
    }
    await ctx.engine.write(async (db) => {
      await recordQuietly(still, db, one)
      await recordQuietly(still, db, one)
    })
    expect(await verify()).toMatchObject({ entries: 2, findings: [] })
  })

  it('seals nothing before an entry with a lower number that is still to appear', async () => {
    const drawn = Promise.withResolvers<void>()
    const proceed = Promise.withResolvers<void>()
    const late = ctx.engine.write(async (db) => {
      await put(db, 'late')
      drawn.resolve()
      await proceed.promise
    })
    await drawn.promise
    const early = write('early')
    if (ctx.engine.dialect.locksRows) await early
    expect(await sealAudit(ctx, 100)).toBeUndefined()
    proceed.resolve()
    await Promise.all([late, early])
    expect(await sealAudit(ctx)).toMatchObject({ entries: 2 })
    expect(await verify()).toMatchObject({ entries: 2, unsealed: 0, findings: [] })
  })

  it('misses nothing while many write and two processes seal', async () => {
    const second = await openStore(test.url)
    let writing = true
    const sealWhileWriting = async (one: Context): Promise<void> => {
      while (writing) {
        await sealAudit(one)
        await new Promise(setImmediate)
      }
    }
    const sealers = [ctx, contextOf(second)].map(sealWhileWriting)
    await Promise.all(Array.from({ length: 300 }, (_, i) => write(`w${i}`)))
    writing = false
    await Promise.all(sealers)
    await second.close()
    await sealAudit(ctx)
    const verdict = await verify()
    expect(verdict).toMatchObject({ entries: 300, unsealed: 0, findings: [] })
    expect(verdict.blocks).toBeGreaterThan(1)
  })

  it('takes a few large entries at a time', async () => {
    const members = Array.from({ length: 60_000 }, (_, i) => `00000000-0000-4000-8000-${i}`)
    for (const subject of ['a', 'b', 'c', 'd', 'e']) await write(subject, { members })
    expect(await sealAudit(ctx)).toMatchObject({ entries: 5, block: 2 })
    expect((await verify()).findings).toEqual([])
  })

  it('does not vouch for entries that claim to be from before there were marks, and says so', async () => {
    const old = (seq: number): string => `
      insert into audit (seq, at, actor, request_id, action, subject_id, detail, mac)
      values (${seq}, '2026-01-01', 'cli', 'r', 'test.happened', 's', '{}', 'unmarked:${seq}')`
    await tamperer.run(old(1), old(2))
    if (name === 'postgres') await tamperer.run(`select setval(pg_get_serial_sequence('audit', 'seq'), 2)`)
    await sealAudit(ctx)
    expect(said.map((line) => JSON.parse(line) as object)).toMatchObject([
      { from: 1, to: 2, entries: 2, msg: expect.stringContaining('have not the mark of this installation') },
    ])
    await write('new')
    expect(await sealAudit(ctx)).toMatchObject({ block: 2, suspects: '[]' })
    expect((await verify()).findings).toMatchObject([{ kind: 'forged', from: 1, to: 2 }])
  })

  it('keeps checkpoints in a file and in the log, one at the start and one at the end', async () => {
    const file = path.join(folder, 'deep', 'checkpoints.jsonl')
    await write('a')
    const work = startSealing(ctx, openCheckpointFile(file))
    while (said.length === 0) await new Promise(setImmediate)
    await write('b')
    await work.stop()
    expect(linesOf(file)).toMatchObject([{ entries: 1 }, { entries: 2 }])
    expect(said.map((line) => JSON.parse(line) as object)).toMatchObject([
      { msg: 'audit checkpoint', checkpoint: { entries: 1 } },
      { msg: 'audit checkpoint', checkpoint: { entries: 2 } },
    ])
    expect(await verify(file)).toMatchObject({ checkpoints: 2, findings: [] })
    // A line that is only half there, as after a power cut.
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"block":3,"en`)
    expect((await verify(file)).findings).toMatchObject([{ kind: 'checkpoint' }])
  })

  it('says in the log that the end of the audit was cut off while the server was down', async () => {
    const file = path.join(folder, 'cut.jsonl')
    await write('a')
    await startSealing(ctx, openCheckpointFile(file)).stop()
    await write('b')
    await startSealing(ctx, openCheckpointFile(file)).stop()
    await tamperer.force('delete from audit where seq = 2', 'delete from audit_seals where block = 2')
    said.length = 0
    const work = startSealing(ctx, openCheckpointFile(file))
    while (said.length === 0) await new Promise(setImmediate)
    await work.stop()
    expect(said[0]).toContain('`signalbox verify-audit` says more')
    expect((await verify(file)).findings).toMatchObject([{ kind: 'cut', from: 2, to: 2 }])
  })
})

const linesOf = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
