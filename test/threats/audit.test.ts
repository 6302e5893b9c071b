import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createContext, type Context } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { openBlock, GENESIS, markOf, sealedText, toCheckpoint } from '../../src/provision/audit-block.ts'
import type { Checkpoint } from '../../src/provision/audit-block.ts'
import { createDirectory, removeDirectory } from '../../src/provision/directories.ts'
import { sealAudit } from '../../src/provision/seal-audit.ts'
import { issueToken, revokeToken } from '../../src/provision/tokens.ts'
import { verifyAudit, type Verdict } from '../../src/provision/verify-audit.ts'
import { sealsAfter } from '../../src/store/audit-seals.ts'
import { nextEntries } from '../../src/store/audit-walk.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { openTamperer, type Tamperer } from '../support/tamper.ts'

const SECRET_KEY = 'a key that only tests have, 32 characters and more'
const CAUSE = { actor: 'token:sb_abcdefghij', requestId: 'r' }

/** Blocks of the audit that is tampered with, and entries of each. */
const BLOCKS = 5
const BLOCK = 6
const ENTRIES = BLOCKS * BLOCK

/** Two entries that take each other's number. */
const swapped = (a: number, b: number): string[] => [
  `update audit set seq = -1 where seq = ${a}`,
  `update audit set seq = ${a} where seq = ${b}`,
  `update audit set seq = ${b} where seq = -1`,
]

/** What is found when a column of the third seal is changed. */
const seals = (columns: Readonly<Record<string, readonly string[]>>): [string, string[], unknown[]][] =>
  Object.entries(columns).map(([column, kinds]) => [
    `a seal with other ${column}`,
    [`update audit_seals set ${column} = '100' where block = 3`],
    kinds.map((kind) => [kind, 13, 18]),
  ])

/** An entry of somebody who has not got the key. */
const forged = (seq: number, mac = 'AAAAAAAAAAAAAAAAAAAAAA'): string => `
  insert into audit (seq, at, actor, request_id, directory_id, action, subject_id, detail, mac)
  values (${seq}, '2026-01-01T00:00:00.000Z', 'cli', 'r', null, 'token.created', 'x', '{}', '${mac}')`

describe.each(engines)('the audit on %s', (name) => {
  let test: TestEngine
  let ctx: Context
  let tamperer: Tamperer
  /** One of each block. */
  let checkpoints: Checkpoint[]

  beforeAll(async () => {
    test = await openTestEngine(name)
    const { engine } = test
    const log = createLog('silent')
    ctx = createContext({ engine, log, publicUrl: 'http://localhost', secretKey: SECRET_KEY })
    tamperer = await openTamperer(name, test.url)
    checkpoints = []
    for (let block = 0; block < BLOCKS; block += 1) {
      await writeEntries(`b${block}`)
      const seal = await sealAudit(ctx)
      if (seal !== undefined) checkpoints.push(toCheckpoint(seal, ctx.audit))
    }
    for (const table of ['audit', 'audit_seals'])
      await tamperer.run(`create table kept_${table} as select * from ${table}`)
  })
  afterAll(async () => {
    await tamperer?.close()
    await test?.drop()
  })
  beforeEach(() => restore())

  /** Six entries, one of them about a directory that is gone. */
  async function writeEntries(mark: string): Promise<void> {
    const { id } = await createDirectory(ctx, CAUSE, { name: mark, provider: 'generic' })
    const first = await issueToken(ctx, CAUSE, { scope: 'scim', directory: id, label: mark })
    const second = await issueToken(ctx, CAUSE, { scope: 'read', label: mark })
    await revokeToken(ctx, CAUSE, first.id)
    await revokeToken(ctx, CAUSE, second.id)
    await removeDirectory(ctx, CAUSE, id, mark)
  }

  async function restore(): Promise<void> {
    await tamperer.force(
      ...['audit', 'audit_seals'].flatMap((table) => [
        `delete from ${table}`,
        `insert into ${table} select * from kept_${table}`,
      ]),
    )
  }

  const verify = (known: readonly Checkpoint[] = checkpoints): Promise<Verdict> =>
    verifyAudit(
      test.engine,
      { publicKey: ctx.audit.publicKey, keys: ctx.audit, checkpoints: linesOf(known) },
      () => undefined,
    )
  const verifyFromOutside = (): Promise<Verdict> =>
    verifyAudit(test.engine, { publicKey: ctx.audit.publicKey }, () => undefined)
  const found = ({ findings }: Verdict) => findings.map(({ kind, from, to }) => [kind, from, to])

  it('C-AUD-02 that nobody touched has nothing wrong with it', async () => {
    const verdict = await verify()
    expect(verdict).toMatchObject({
      entries: ENTRIES,
      blocks: BLOCKS,
      unsealed: 0,
      checkpoints: BLOCKS,
      findings: [],
    })
    expect(verdict.sealed?.entry).toBe(ENTRIES)
    expect(await verifyFromOutside()).toMatchObject({ entries: ENTRIES, findings: [] })
  })

  it.each([
    `update audit set detail = '{}' where seq = 7`,
    `delete from audit where seq = 7`,
    `delete from audit`,
    `update audit_seals set head = '' where block = 1`,
    `delete from audit_seals where block = ${BLOCKS}`,
    ...(name === 'postgres'
      ? [
          'truncate audit',
          'truncate audit_seals cascade',
          `insert into audit select * from audit where seq = 7 on conflict (seq) do update set detail = '{}'`,
          `set session_replication_role = replica; delete from audit where seq = 7`,
        ]
      : [
          `replace into audit select * from audit where seq = 7`,
          `replace into audit select seq + 1, at, actor, request_id, directory_id, action, subject_id, '{}', mac from audit where seq = 7`,
          `replace into audit_seals select * from audit_seals where block = 1`,
          `update or ignore audit set detail = '{}' where seq = 7`,
        ]),
  ])('C-AUD-01 refuses: %s', async (statement) => {
    await expect(tamperer.run(statement)).rejects.toThrow(/the audit is append-only/)
    if (name === 'postgres') await tamperer.run('rollback', 'set session_replication_role = default')
    expect((await verify()).findings).toEqual([])
  })

  it.each<[what: string, statements: readonly string[], findings: readonly unknown[]]>([
    ...['at', 'actor', 'request_id', 'directory_id', 'action', 'subject_id', 'detail', 'mac'].map(
      (column): [string, string[], unknown[]] => [
        `another ${column}`,
        [`update audit set ${column} = 'x' where seq = 7`],
        [['changed', 7, 7]],
      ],
    ),
    ['no directory', [`update audit set directory_id = null where seq = 7`], [['changed', 7, 7]]],
    ['neighbours edited', [`update audit set detail = '{}' where seq between 5 and 8`], [['changed', 5, 8]]],
    ['an entry deleted', ['delete from audit where seq = 7'], [['gone', 7, 7]]],
    ['a block deleted', ['delete from audit where seq between 7 and 12'], [['gone', 7, 12]]],
    ['the beginning deleted', ['delete from audit where seq < 10'], [['gone', 1, 9]]],
    ['the end deleted', [`delete from audit where seq > 20`], [['gone', 21, ENTRIES]]],
    ['all entries deleted', ['delete from audit'], [['gone', 1, ENTRIES]]],
    [
      'neighbours swapped',
      swapped(8, 9),
      [
        ['moved', 8, 8],
        ['moved', 9, 9],
      ],
    ],
    [
      'entries of two blocks swapped',
      swapped(3, 27),
      [
        ['moved', 3, 3],
        ['moved', 27, 27],
      ],
    ],
    [
      'an entry put where another one was',
      ['delete from audit where seq = 20', 'update audit set seq = 20 where seq = 7'],
      [
        ['moved', 20, 20],
        ['gone', 20, 20],
      ],
    ],
    [
      'an entry renumbered to before the beginning',
      ['update audit set seq = -1 where seq = 7'],
      [
        ['added', -1, 0],
        ['gone', 7, 7],
      ],
    ],
    ['an entry put in', [forged(1000)], [['forged', 1000, 1000]]],
    ['an entry put in before the beginning', [forged(-5)], [['added', -5, 0]]],
    [
      'an entry that claims to be older than the marks',
      [forged(1000, 'unmarked:1000')],
      [['forged', 1000, 1000]],
    ],
    ...seals({
      head: ['seal', 'signature', 'rewritten'],
      entries: ['seal', 'signature'],
      listing: ['seal'],
      suspects: ['seal'],
      at: ['signature'],
      signature: ['signature'],
    }),
    ['a seal deleted', ['delete from audit_seals where block = 3'], [['seal', 13, 18]]],
    ['the last seal deleted', [`delete from audit_seals where block = ${BLOCKS}`], [['seal', 25, 30]]],
    ['all seals deleted', ['delete from audit_seals'], [['seal', 1, 30]]],
    [
      'the end cut off with its seals',
      ['delete from audit where seq > 24', 'delete from audit_seals where block > 4'],
      [['cut', 25, ENTRIES]],
    ],
    ['everything cut off', ['delete from audit', 'delete from audit_seals'], [['cut', 1, ENTRIES]]],
  ])('C-AUD-02 finds %s', async (_, statements, findings) => {
    await tamperer.force(...statements)
    expect(found(await verify())).toEqual(findings)
  })

  it('C-AUD-02 finds from outside, without the key, what the seals tell', async () => {
    await tamperer.force(`update audit set detail = '{}' where seq = 7`, 'delete from audit where seq = 20')
    expect(found(await verifyFromOutside())).toEqual([
      ['changed', 7, 7],
      ['gone', 20, 20],
    ])
  })

  it('C-AUD-02 tells from outside nothing of an end that was cut off with its seals: that takes a checkpoint', async () => {
    await tamperer.force('delete from audit where seq > 24', 'delete from audit_seals where block > 4')
    expect((await verify([])).findings).toEqual([])
    expect(found(await verify())).toEqual([['cut', 25, ENTRIES]])
  })

  it('C-AUD-02 finds a history that somebody without the key has chained anew, from its first block on', async () => {
    await rewriteHistory(`a key that somebody else has, 32 characters`)
    expect(found(await verify([]))).toEqual([
      ['signature', 7, ENTRIES],
      ['forged', 8, 8],
    ])
    expect(found(await verifyFromOutside())).toEqual([['signature', 7, ENTRIES]])
  })

  it('C-AUD-02 finds by checkpoints alone a history that somebody with the key has chained anew', async () => {
    await rewriteHistory(SECRET_KEY)
    expect((await verify([])).findings).toEqual([])
    const verdict = await verify()
    expect(found(verdict)).toEqual([['rewritten', 7, 12]])
    expect(verdict.checkpoints).toBe(1)
  })

  it('C-AUD-02 finds a checkpoint that nobody has signed', async () => {
    const [first] = checkpoints
    if (first === undefined) throw new Error('there is no checkpoint')
    const verdict = await verify([first, { ...first, head: 'x' }])
    expect(verdict.findings).toEqual([
      expect.objectContaining({
        kind: 'checkpoint',
        text: expect.stringContaining('line 2 of the checkpoints'),
      }),
    ])
  })

  it('C-AUD-02 finds an edit before anything was sealed', async () => {
    await tamperer.force('delete from audit_seals')
    await tamperer.force(`update audit set actor = 'cli' where seq = ${ENTRIES}`)
    expect(found(await verify([]))).toEqual([['forged', ENTRIES, ENTRIES]])
    // Whoever seals it now says so in the seal, which somebody from outside can read.
    await sealAudit(ctx)
    expect(found(await verify([]))).toEqual([['forged', ENTRIES, ENTRIES]])
    expect(found(await verifyFromOutside())).toEqual([['forged', ENTRIES, ENTRIES]])
  })

  it('C-AUD-02 vouches for nothing that claims to be older than the marks, with all seals and the rest deleted', async () => {
    await tamperer.force(
      'delete from audit_seals',
      'delete from audit where seq > 6',
      `update audit set actor = 'token:sb_innocent00', detail = '{}', mac = 'unmarked:' || seq`,
    )
    // Whoever seals what is left signs that it is suspect.
    await sealAudit(ctx)
    expect(found(await verify([]))).toEqual([['forged', 1, 6]])
    expect(found(await verifyFromOutside())).toEqual([['forged', 1, 6]])
  })

  it('C-AUD-02 finds out that the guards are gone', async () => {
    const index = `create unique index audit_request_id_mac on audit (request_id, mac)`
    await tamperer.run('drop index audit_request_id_mac')
    expect((await verify()).findings.map(({ text }) => text)).toEqual([
      'the database does not refuse changes any longer: `audit_request_id_mac` is missing or was replaced',
    ])
    await tamperer.run(index)
    await tamperer.run(
      name === 'sqlite'
        ? 'drop trigger audit_not_updated'
        : 'alter table audit disable trigger audit_append_only',
    )
    expect((await verify()).findings).toHaveLength(1)
    await tamperer.run(
      name === 'sqlite'
        ? `create trigger audit_not_updated before update on audit begin select raise(abort, 'the audit is append-only: update on audit is refused'); end`
        : 'alter table audit enable always trigger audit_append_only',
    )
    expect((await verify()).findings).toEqual([])
  })

  it.each(
    name === 'sqlite'
      ? [
          [
            'that does nothing',
            'drop trigger audit_not_deleted',
            'create trigger audit_not_deleted before delete on audit begin select 1; end',
          ],
          [
            'that never fires',
            'drop trigger audit_not_deleted',
            `create trigger audit_not_deleted before delete on audit when false begin select raise(abort, 'the audit is append-only: delete on audit is refused'); end`,
          ],
          [
            'on another table',
            'drop trigger audit_not_deleted',
            `create trigger audit_not_deleted before delete on kept_audit begin select raise(abort, 'the audit is append-only: delete on audit is refused'); end`,
          ],
          [
            'that is a partial index',
            'drop index audit_request_id_mac',
            'create unique index audit_request_id_mac on audit (request_id, mac) where seq < 0',
          ],
        ]
      : [
          [
            'that does nothing',
            `create or replace function refuse_audit_change() returns trigger language plpgsql as 'begin return null; end'`,
          ],
          [
            'that fires for updates alone',
            'drop trigger audit_append_only on audit',
            'create trigger audit_append_only before update on audit for each statement execute function refuse_audit_change()',
            'alter table audit enable always trigger audit_append_only',
          ],
          [
            'that is a partial index',
            'drop index audit_request_id_mac',
            'create unique index audit_request_id_mac on audit (request_id, mac) where seq < 0',
          ],
        ],
  )('C-AUD-02 finds out that a guard was replaced by one of its name %s', async (_, ...statements) => {
    const before = await guardCommands()
    await tamperer.run(...statements)
    try {
      expect((await verify()).findings).toContainEqual(
        expect.objectContaining({
          kind: 'guard',
          text: expect.stringContaining('is missing or was replaced'),
        }),
      )
    } finally {
      await tamperer.run(...before)
    }
    expect((await verify()).findings).toEqual([])
  })

  /** What brings the guards of the table back as they are. */
  async function guardCommands(): Promise<string[]> {
    const index = ['drop index audit_request_id_mac']
    if (name === 'sqlite') {
      const made = await tamperer.rows<{ sql: string }>(
        `select sql from sqlite_master where name in ('audit_not_deleted', 'audit_request_id_mac')`,
      )
      return ['drop trigger audit_not_deleted', ...index, ...made.map(({ sql }) => sql)]
    }
    const [made] = await tamperer.rows<{ work: string; trigger: string; index: string }>(
      `select pg_get_functiondef('refuse_audit_change'::regproc) as work, pg_get_triggerdef(oid) as trigger,
         pg_get_indexdef('audit_request_id_mac'::regclass) as index
       from pg_trigger where tgname = 'audit_append_only'`,
    )
    if (made === undefined) throw new Error('there are no guards')
    return [
      made.work,
      'drop trigger audit_append_only on audit',
      made.trigger,
      'alter table audit enable always trigger audit_append_only',
      ...index,
      made.index,
    ]
  }

  it('C-AUD-02 cannot be made to hold an entry twice', async () => {
    await expect(
      tamperer.force(
        `insert into audit (at, actor, request_id, directory_id, action, subject_id, detail, mac)
         select at, actor, request_id, directory_id, action, subject_id, detail, mac from audit where seq = 7`,
      ),
    ).rejects.toThrow(/unique/i)
  })

  it('C-AUD-02 finds every change, whatever it is, and every few of them', async () => {
    const row = fc.integer({ min: 1, max: ENTRIES })
    const block = fc.integer({ min: 1, max: BLOCKS })
    const text = fc.string({ minLength: 1, maxLength: 20 }).map((value) => value.replaceAll(/['\0]/g, ''))
    const column = fc.constantFrom(
      'at',
      'actor',
      'request_id',
      'directory_id',
      'action',
      'subject_id',
      'detail',
      'mac',
    )
    const change = fc.oneof(
      fc
        .record({ column, text, row })
        .map((it) => [
          `update audit set ${it.column} = ${it.column} || '${it.text}x' where seq = ${it.row} and ${it.column} is not null`,
          `update audit set ${it.column} = 'x' where seq = ${it.row} and ${it.column} is null`,
        ]),
      row.map((seq) => [`delete from audit where seq = ${seq}`]),
      fc
        .record({ row, by: fc.integer({ min: ENTRIES, max: 1000 }) })
        .map((it) => [`update audit set seq = seq + ${it.by} where seq = ${it.row}`]),
      fc.uniqueArray(row, { minLength: 2, maxLength: 2 }).map(([a = 0, b = 0]) => swapped(a, b)),
      fc.integer({ min: -5, max: 0 }).map((seq) => [forged(seq)]),
      fc.integer({ min: ENTRIES + 1, max: 1000 }).map((seq) => [forged(seq)]),
      fc
        .record({ block, column: fc.constantFrom('suspects', 'listing', 'head', 'at', 'signature') })
        .map((it) => [`update audit_seals set ${it.column} = ${it.column} || 'x' where block = ${it.block}`]),
      fc
        .record({ block, column: fc.constantFrom('last_seq', 'entries') })
        .map((it) => [`update audit_seals set ${it.column} = ${it.column} + 1 where block = ${it.block}`]),
      block.map((one) => [`delete from audit_seals where block = ${one}`]),
      fc
        .integer({ min: 0, max: BLOCKS - 1 })
        .map((last) => [
          `delete from audit where seq > ${last * BLOCK}`,
          `delete from audit_seals where block > ${last}`,
        ]),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        await restore()
        for (const statements of changes) await tamperer.force(...statements).catch(() => undefined)
        expect((await verify()).findings.length > 0).toBe(await isTouched())
      }),
      { numRuns: 150 },
    )
  })

  async function isTouched(): Promise<boolean> {
    const read = async (table: string): Promise<string> =>
      JSON.stringify(await tamperer.rows(`select * from ${table} order by 1`))
    for (const table of ['audit', 'audit_seals'])
      if ((await read(table)) !== (await read(`kept_${table}`))) return true
    return false
  }

  /** Changes an entry of the second block, and marks and seals from there on as whoever has that key would. */
  async function rewriteHistory(secretKey: string): Promise<void> {
    const keys = createContext({ ...ctx, secretKey }).audit
    const db = test.engine.read
    const entries = await nextEntries(db, { after: 0, upTo: ENTRIES })
    const seals = await sealsAfter(db, 0, BLOCKS)
    const statements: string[] = []
    let end: Parameters<typeof openBlock>[0] = seals[0] ?? GENESIS
    for (const seal of seals.slice(1)) {
      const block = openBlock(end)
      for (const entry of entries.filter(({ seq }) => seq > end.lastSeq && seq <= seal.lastSeq)) {
        const told = entry.seq === 8 ? { ...entry, actor: 'token:sb_innocent00' } : entry
        const mac = entry.seq === 8 ? markOf(keys, told, entry.mac) : entry.mac
        block.add({ ...told, mac }, true)
        statements.push(`update audit set actor = '${told.actor}', mac = '${mac}' where seq = ${entry.seq}`)
      }
      const closed = { ...block.close(), at: seal.at }
      statements.push(
        `update audit_seals set head = '${closed.head}', listing = '${closed.listing}',
         signature = '${keys.sign(sealedText(closed))}' where block = ${seal.block}`,
      )
      end = closed
    }
    await tamperer.force(...statements)
  }
})

async function* linesOf(checkpoints: readonly Checkpoint[]) {
  for (const [i, checkpoint] of checkpoints.entries()) yield { line: i + 1, checkpoint }
}
