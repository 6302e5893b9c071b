import { readFile, stat } from 'node:fs/promises'
import type { Context } from '../context.ts'
import { DatabaseError } from '../databases/database.ts'
import { openSecret } from './secrets.ts'

/**
 * The URL of a database that a reference leads to: `env:NAME`, `file:/path` or `secret:name`.
 *
 * @throws DatabaseError that says what is missing, and nothing of what was found
 */
export async function urlOf(ctx: Context, reference: string | undefined): Promise<string> {
  if (reference === undefined) throw new DatabaseError('it has no `url` in the configuration')
  const colon = reference.indexOf(':')
  const find = PLACES[reference.slice(0, colon)]
  if (find === undefined) throw new Error('a reference that the configuration does not allow')
  return (await find(ctx, reference.slice(colon + 1))).trim()
}

/** How each kind of reference is followed. */
const PLACES: Readonly<Record<string, (ctx: Context, name: string) => Promise<string>>> = {
  async env(ctx, name) {
    const value = ctx.variable(name)
    if (value === undefined)
      throw new DatabaseError(`the environment variable \`${name}\` is not set in this process`)
    return value
  },
  file: async (_ctx, path) => readText(path),
  async secret(ctx, name) {
    const opened = await openSecret(ctx, name)
    if ('problem' in opened) throw new DatabaseError(opened.problem)
    return opened.value
  },
}

/** A device or a pipe would be read for ever. */
async function readText(path: string): Promise<string> {
  try {
    const found = await stat(path)
    if (!found.isFile() || found.size > LARGEST)
      throw new DatabaseError(`\`${path}\` is no file that could hold a URL`)
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof DatabaseError) throw error
    throw new DatabaseError(`the file \`${path}\` cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

/** Bytes. */
const LARGEST = 64 * 1024
