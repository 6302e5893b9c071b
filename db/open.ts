import type { Engine } from './dialects/dialect.ts'
import type { EngineOptions } from './options.ts'
import { openPostgres } from './postgres-engine.ts'
import { openSqlite } from './sqlite-engine.ts'

/**
 * Opens the store that a URL names.
 *
 * `sqlite:<path>` opens or creates a file with its folders; `postgres://…` opens a pool of connections, of the size
 * that its parameter `pool` says. The tables are not touched: see {@link Engine.migrate}.
 *
 * @throws when the URL names no known engine, or the database refuses what durability needs
 */
export async function openStore(url: string, options?: EngineOptions): Promise<Engine> {
  if (url.startsWith('sqlite:')) return openSqlite(url.slice('sqlite:'.length).replace(/^\/\//, ''), options)
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, options)
  throw new Error('the database URL must begin with `sqlite:` or `postgres://`')
}
