import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { sql, type Kysely } from 'kysely'
import { openStore } from '../../db/open.ts'
import { openPostgres } from '../../db/postgres-engine.ts'
import type { Database } from '../../db/tables.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'

const put = (db: Kysely<Database>, key: string, value = '') =>
  db.insertInto('settings').values({ key, value }).execute()

async function keys(db: Kysely<Database>): Promise<string[]> {
  const rows = await db.selectFrom('settings').select('key').orderBy('key').execute()
  return rows.map(({ key }) => key)
}

describe.each(engines)('a store on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
  })
  afterAll(() => test.drop())

  it('undoes a unit of work that fails, and no other', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        test.engine.write(async (db) => {
          await put(db, `unit-${i}`)
          if (i % 2) throw new Error(`unit ${i}`)
          return i
        }),
      ),
    )
    expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(outcomes.map((_, i) => i % 2 === 0))
    expect(outcomes[4]).toEqual({ status: 'fulfilled', value: 4 })
    expect(outcomes[5]).toMatchObject({ reason: new Error('unit 5') })
    const stored = await keys(test.engine.read)
    expect(stored).toHaveLength(10)
    expect(stored).not.toContain('unit-5')
  })

  it('undoes a unit of work whose statement fails, even if the work goes on', async () => {
    const write = test.engine.write(async (db) => {
      await put(db, 'twice')
      await Promise.all([put(db, 'twice'), put(db, 'beside')])
    })
    await expect(write).rejects.toThrow()
    expect(await keys(test.engine.read)).not.toContain('beside')
  })

  it('has stored what was answered: another process sees it', async () => {
    const other = await openStore(test.url)
    try {
      for (let i = 0; i < 5; i += 1) {
        await test.engine.write((db) => put(db, `seen-${i}`))
        expect(await keys(other.read)).toContain(`seen-${i}`)
      }
    } finally {
      await other.close()
    }
  })

  it('reads only what is committed', async () => {
    await test.engine.write(async (db) => {
      await put(db, 'uncommitted')
      expect(await keys(db)).toContain('uncommitted')
      expect(await keys(test.engine.read)).not.toContain('uncommitted')
    })
    expect(await keys(test.engine.read)).toContain('uncommitted')
  })

  it('shows one state to a snapshot, whatever is written meanwhile', async () => {
    await test.engine
      .snapshot(async (db) => {
        const before = await keys(db)
        await test.engine.write((writer) => put(writer, 'meanwhile'))
        expect(await keys(test.engine.read)).toContain('meanwhile')
        expect(await keys(db)).toEqual(before)
      })
      .catch(() => {})
    const [a, b] = await Promise.all([test.engine.snapshot(keys), test.engine.snapshot(keys)])
    expect(a).toEqual(b)
    expect(a).toContain('meanwhile')
  })

  it('lets no snapshot write', async () => {
    await expect(test.engine.snapshot((db) => put(db, 'by-a-reader'))).rejects.toThrow(/read.?only/)
  })

  it('takes no statement of a unit of work that has ended', async () => {
    let leaked: Kysely<Database> | undefined
    await test.engine.write(async (db) => {
      leaked = db
    })
    await expect(put(leaked as Kysely<Database>, 'leaked')).rejects.toThrow('its unit of work had ended')
  })
})

describe('a store on postgres', () => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine('postgres')
    await test.engine.write(async (db) => {
      await put(db, 'left', '0')
      await put(db, 'right', '0')
    })
  })
  afterAll(() => test.drop())

  it('runs a unit of work again when the server broke a deadlock at its cost', async () => {
    const increment = (db: Kysely<Database>, key: string) =>
      sql`update settings set value = (value::int + 1)::text where key = ${key}`.execute(db)
    let runs = 0
    let waiting = 0
    const both = Promise.withResolvers<void>()
    const cross = (first: string, second: string) =>
      test.engine.write(async (db) => {
        runs += 1
        await increment(db, first)
        waiting += 1
        if (waiting === 2) both.resolve()
        await both.promise
        await increment(db, second)
      })
    await Promise.all([cross('left', 'right'), cross('right', 'left')])
    expect(runs).toBe(3)
    const rows = await test.engine.read.selectFrom('settings').select('value').execute()
    expect(rows).toEqual([{ value: '2' }, { value: '2' }])
  })

  const backend = async (db: Kysely<Database>) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
    return rows[0]?.pid ?? 0
  }
  const terminate = (pid: number) => sql`select pg_terminate_backend(${pid}, 5000)`.execute(test.engine.read)

  it.each(['between two statements', 'during a statement'])(
    'runs a unit of work again whose connection broke %s',
    async (moment) => {
      let runs = 0
      await test.engine.write(async (db) => {
        runs += 1
        await put(db, moment)
        const pid = await backend(db)
        if (runs > 1) return
        if (moment === 'during a statement') await sql`select pg_terminate_backend(${pid})`.execute(db)
        else await terminate(pid)
        await put(db, `${moment}, after`)
      })
      expect(runs).toBe(2)
      expect(await keys(test.engine.read)).toContain(moment)
      expect(await keys(test.engine.read)).not.toContain(`${moment}, after`)
    },
  )

  it('fails a unit of work whose connection broke while it committed, for nobody knows what became of it', async () => {
    const db = test.engine.read
    await sql`create function break_off() returns trigger language plpgsql as $$
      begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$`.execute(db)
    await sql`create constraint trigger break_off after insert on settings initially deferred
      for each row when (new.key = 'breaks') execute function break_off()`.execute(db)
    let runs = 0
    const write = test.engine.write(async (inside) => {
      runs += 1
      await put(inside, 'breaks')
    })
    await expect(write).rejects.toThrow('terminating connection')
    expect(runs).toBe(1)
  })

  it('fails the snapshot whose connection broke, and goes on', async () => {
    const snapshot = test.engine.snapshot(async (db) => {
      await terminate(await backend(db))
      return keys(db)
    })
    await expect(snapshot).rejects.toThrow('the connection to PostgreSQL broke')
    await expect(
      sql`select pg_terminate_backend(pg_backend_pid())`.execute(test.engine.read),
    ).rejects.toThrow()
    const others = Array.from({ length: 20 }, () => test.engine.snapshot(keys))
    expect(await Promise.all(others)).toHaveLength(20)
  })

  it('says that no connection became free', async () => {
    const engine = await openPostgres(`${test.url}?pool=1`, { longestWaitMs: 1000 })
    try {
      const outer = engine.write(() => engine.write(async () => {}))
      await expect(outer).rejects.toThrow('no connection to PostgreSQL within 1000 ms')
      expect(await keys(engine.read)).toContain('left')
    } finally {
      await engine.close()
    }
  })

  it('names what is wrong with its address', async () => {
    await expect(openStore('mysql://x')).rejects.toThrow('must begin with `sqlite:` or `postgres://`')
    await expect(openStore(`${test.url}?pool=0`)).rejects.toThrow('`pool`')
    await expect(openStore('postgres://nobody:x@127.0.0.1:1/none')).rejects.toThrow()
  })
})
