import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import pg from 'pg'
import type { Engine } from '../../db/dialects/dialect.ts'
import { openStore } from '../../db/open.ts'

/** The engines that every store suite runs on. */
export const engines = ['sqlite', 'postgres'] as const

export interface TestEngine {
  readonly engine: Engine
  /** Under which another connection or another process opens the same store. */
  readonly url: string
  /** Closes the store and removes it. */
  drop(): Promise<void>
}

/** Opens a store of its own with its tables: a temporary file, or a database on the server of this test run. */
export async function openTestEngine(name: Engine['name']): Promise<TestEngine> {
  const { url, remove } = await createPlace(name)
  const engine = await openStore(url)
  await engine.migrate()
  return {
    engine,
    url,
    async drop() {
      await engine.close()
      await remove()
    },
  }
}

/** An empty database. */
export interface Place {
  readonly url: string
  remove(): void | Promise<void>
}

/** Makes an empty database: a temporary file, or one on the server of this test run. */
export async function createPlace(name: Engine['name']): Promise<Place> {
  return name === 'sqlite' ? createFile() : createDatabase()
}

function createFile(): Place {
  const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-test-'))
  return {
    url: `sqlite:${path.join(folder, 'store.db')}`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function createDatabase(): Promise<Place> {
  const server = process.env['TEST_PG_URL']
  if (server === undefined)
    throw new Error('no PostgreSQL server: `test/support/postgres-setup.ts` has not run')
  const name = `signalbox_test_${randomUUID().replaceAll('-', '')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, remove: () => onServer(server, `drop database ${name} with (force)`) }
}

async function onServer(url: string, command: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(command)
  } finally {
    await client.end()
  }
}
