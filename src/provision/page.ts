import { Problem } from './problem.ts'

/** One page of a list: what was asked for, and where the next one begins. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  /** Undefined on the last page. */
  readonly nextCursor: string | undefined
}

/** Makes a page of rows that were read with one more than the limit, to know whether there are more. */
export function toPage<Row>(
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly unknown[],
): Page<Row> {
  const last = rows[limit - 1]
  return {
    rows: rows.slice(0, limit),
    nextCursor: rows.length > limit && last !== undefined ? toCursor(keyOf(last)) : undefined,
  }
}

/** The key of the last row of a page as its reader hands it back. */
export const toCursor = (key: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(key)).toString('base64url')

/** Whether a database can be asked for it. */
const isKey = (value: unknown): boolean =>
  typeof value === 'number' ? Number.isSafeInteger(value) : !String(value).includes('\0')

/**
 * The key that a cursor stands for; undefined without one.
 *
 * @throws Problem 400 when it is not a cursor of this list
 */
export function readCursor<const Key extends readonly ('string' | 'number')[]>(
  cursor: string | undefined,
  kinds: Key,
): { -readonly [I in keyof Key]: Key[I] extends 'number' ? number : string } | undefined {
  if (cursor === undefined) return undefined
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (
      Array.isArray(key) &&
      key.length === kinds.length &&
      kinds.every((kind, i) => typeof key[i] === kind && isKey(key[i]))
    ) {
      return key as never
    }
  } catch {
    // Falls through to the one refusal below.
  }
  throw new Problem(400, 'the cursor is not one of this list; begin again without it', [
    { path: 'cursor', message: 'should be `nextCursor` of the page before' },
  ])
}
