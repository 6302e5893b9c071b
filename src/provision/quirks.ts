import type { Context } from '../context.ts'
import { fold } from '../scim/fold.ts'
import type { Notices } from '../scim/quirks/ledger.ts'
import { rewrites, type RewriteId } from '../scim/quirks/rewrites.ts'
import {
  addQuirkUses,
  keepLatestAttributes,
  listQuirks as listRows,
  type Quirk,
  type QuirkUse,
} from '../store/quirks.ts'
import { findDirectory } from './directories.ts'
import { readCursor, toPage } from './page.ts'

/** Attributes that are remembered of a directory: a client chooses their names. */
const MOST_ATTRIBUTES = 500

/** Quirks that one process counts between two flushes; what is beyond them is not counted. */
const MOST_COUNTED = 20_000

/** What was counted since the last flush, per store. */
const counted = new WeakMap<Context['engine'], Map<string, QuirkUse>>()

/** A request whose habits are counted. */
export interface Habitual {
  readonly directoryId: string
  /** How the request was built, without its values; asked for once per quirk and flush. */
  readonly shape?: (() => string) | undefined
}

/** Counts what was made allowance for in a request that is answered. Nothing is written here: see {@link flushQuirks}. */
export function countQuirks(
  ctx: Context,
  { directoryId, shape }: Habitual,
  { rewrites: used, ignored }: Notices,
): void {
  if (used.length === 0 && ignored.length === 0) return
  const uses = usesOf(ctx)
  const at = ctx.now()
  let example: string | undefined
  const count = (kind: Quirk['kind'], name: string, nameKey: string): void => {
    const key = `${directoryId} ${kind} ${nameKey}`
    const known = uses.get(key)
    if (known === undefined && uses.size >= MOST_COUNTED) return
    example ??= known?.example ?? shape?.() ?? ''
    uses.set(key, {
      directoryId,
      kind,
      name,
      nameKey,
      times: (known?.times ?? 0) + 1,
      firstAt: known?.firstAt ?? at,
      lastAt: at,
      example: known?.example ?? example,
    })
  }
  for (const id of used) count('rewrite', id, id)
  for (const name of ignored) {
    const storable = toStorable(name)
    count('attribute', storable, toStorable(fold(storable).slice(0, LONGEST_NAME)))
  }
}

const LONGEST_NAME = 200

/** Names are the client's: what no database can hold is shown as unreadable. */
const toStorable = (name: string): string => name.toWellFormed().replaceAll('\0', '\uFFFD')

/** Writes what was counted. What cannot be written is counted on. */
export async function flushQuirks(ctx: Context): Promise<void> {
  const uses = usesOf(ctx)
  if (uses.size === 0) return
  counted.delete(ctx.engine)
  const written = [...uses.values()]
  const talkative = new Set(
    written.filter(({ kind }) => kind === 'attribute').map(({ directoryId }) => directoryId),
  )
  try {
    await ctx.engine.write(async (db) => {
      await addQuirkUses(db, written)
      for (const directoryId of talkative) await keepLatestAttributes(db, directoryId, MOST_ATTRIBUTES)
    })
  } catch (error) {
    const later = usesOf(ctx)
    for (const [key, use] of uses) later.set(key, sum(use, later.get(key)))
    throw error
  }
}

const sum = (use: QuirkUse, later: QuirkUse | undefined): QuirkUse =>
  later === undefined ? use : { ...later, times: use.times + later.times, firstAt: use.firstAt }

function usesOf(ctx: Context): Map<string, QuirkUse> {
  let uses = counted.get(ctx.engine)
  if (uses === undefined) counted.set(ctx.engine, (uses = new Map()))
  return uses
}

/** A quirk in words. */
export interface QuirkView extends Quirk {
  /** What the request is taken to mean. */
  readonly does: string
  /** Where the habit is described or was recorded. */
  readonly sources: readonly string[]
}

/**
 * One page of what was made allowance for in a directory: attributes that no schema knows, then rewrites.
 *
 * @throws Problem 404
 */
export async function listQuirks(
  ctx: Context,
  nameOrId: string,
  page: { limit: number; cursor?: string | undefined; search?: string | undefined },
): Promise<{ quirks: QuirkView[]; nextCursor?: string }> {
  const { id } = await findDirectory(ctx.engine.read, nameOrId)
  await flushQuirks(ctx)
  const after = readCursor(page.cursor, ['string', 'string'])
  const found = await listRows(ctx.engine.read, id, {
    search: page.search === undefined ? undefined : searchFor(page.search),
    after: after && { kind: after[0] === 'rewrite' ? 'rewrite' : 'attribute', nameKey: after[1] },
    limit: page.limit + 1,
  })
  const { rows, nextCursor } = toPage(found, page.limit, ({ kind, nameKey }) => [kind, nameKey])
  return { quirks: rows.map(view), ...(nextCursor !== undefined && { nextCursor }) }
}

/** Rewrites are found by what they do, too. */
function searchFor(text: string): { nameKey: string; rewrites: string[] } {
  const nameKey = fold(text)
  const found = Object.entries(rewrites).filter(([id, { does }]) =>
    [id, does].some((said) => fold(said).includes(nameKey)),
  )
  return { nameKey, rewrites: found.map(([id]) => id) }
}

function view({ kind, name, times, firstAt, lastAt, example }: Quirk): QuirkView {
  const known = kind === 'rewrite' ? rewrites[name as RewriteId] : undefined
  return {
    kind,
    name,
    does: known?.does ?? `this directory keeps sending \`${name}\`, which no schema knows: it is ignored`,
    times,
    firstAt,
    lastAt,
    example,
    sources: known?.sources ?? [],
  }
}
