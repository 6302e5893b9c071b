import type { Context } from '../context.ts'
import type { Db } from '../store/db.ts'
import type { DecisionQuery } from '../store/decisions.ts'
import { listHeld, type ListedHeld } from '../store/holds.ts'
import type { Assignment } from './access.ts'
import { heldSubject } from './held.ts'
import { inForce } from './in-force.ts'
import { judgeOf } from './judge.ts'

/** An assignment with its place in the list. */
export interface Placed {
  readonly key: readonly [number, string]
  readonly assignment: Assignment
}

/**
 * What those have whom their directory has deleted and who are held: nothing is stored of it. They come behind everybody
 * who is there, so their numbers are negative.
 *
 * @param wanted.after the last one of the page before, where that was one of these
 */
export async function deletedAssignments(
  ctx: Context,
  db: Db,
  {
    after,
    ...wanted
  }: Omit<DecisionQuery, 'after'> & { readonly after: readonly [number, string] | undefined },
): Promise<Placed[]> {
  const { model, decided } = await inForce(ctx, db)
  const found: Placed[] = []
  const [from, last] = after === undefined ? [0, ''] : [-after[0], after[1]]
  // The last one may have more.
  for (let seq = from - 1; ;) {
    const { directoryId, search } = wanted
    const rows = await listHeld(db, { deleted: true, directoryId, search, after: seq, limit: AT_ONCE })
    for (const row of rows) {
      const judge = judgeOf(model, await heldSubject(ctx, db, row))
      for (const connection of decided.toSorted()) {
        if (row.seq === from && connection <= last) continue
        const { decision, reason, role, environment, held } = judge.decide({ connection }).decision
        if (wanted.held === true && held === undefined) continue
        const assignment = {
          ...whose(row),
          connection,
          decision,
          reason,
          role: role?.name ?? null,
          tier: role?.tier ?? null,
          environment: environment?.connection ?? null,
          value: environment?.value ?? null,
        }
        if (FILTERS.some((name) => wanted[name] !== undefined && wanted[name] !== assignment[name])) continue
        found.push({ key: [-row.seq, connection], assignment })
        if (found.length === wanted.limit) return found
      }
    }
    const end = rows.at(-1)
    if (end === undefined || rows.length < AT_ONCE) return found
    seq = end.seq
  }
}

const AT_ONCE = 100

const FILTERS = ['connection', 'role', 'tier', 'environment', 'value', 'decision', 'reason'] as const

const whose = ({
  userId,
  userName,
  directoryId,
  directoryName,
}: ListedHeld): Pick<Assignment, 'user' | 'directory'> => ({
  user: { id: userId, userName },
  directory: { id: directoryId, name: directoryName },
})
