import type { Context } from '../context.ts'
import {
  bindableGroups,
  bindableUsers,
  bindGroups,
  bindUsers,
  boundUserNames,
  listBindings,
} from '../store/bindings.ts'
import { createRecompute } from '../store/recomputes.ts'
import { userSeqs } from '../store/users.ts'
import type { Cause } from './cause.ts'
import type { InForce } from './in-force.ts'
import { record } from './record.ts'
import type { Db } from '../store/db.ts'

/** Groups and users that have been bound to a name, by their ids. */
interface Bound {
  readonly groupIds: readonly string[]
  readonly userIds: readonly string[]
}

/**
 * Binds the names that the configuration uses and that nobody is bound to, to those who bear them now.
 *
 * Names that it has stopped using stay bound: who is meant does not change when a file is taken back.
 */
export async function bindNames(ctx: Context, db: Db, { model }: InForce): Promise<Bound> {
  const groups = await bindGroups(db, [...model.groupNames.keys()], ctx.now())
  const users = await bindUsers(db, [...model.userNames], ctx.now())
  return { groupIds: groups.map(({ groupId }) => groupId), userIds: users.map(({ userId }) => userId) }
}

/** The same for a configuration that is in force already: whoever is bound by it waits to be decided again. */
export async function bindFreedNames(ctx: Context, db: Db, cause: Cause, rules: InForce): Promise<void> {
  const { groupIds, userIds } = await bindNames(ctx, db, rules)
  if (groupIds.length === 0 && userIds.length === 0) return
  const job = { cause: `revision ${rules.revision} applied again`, createdAt: ctx.now() }
  if (groupIds.length > 0) await createRecompute(db, { ...job, scope: { kind: 'below', groupIds } })
  const seqs = await userSeqs(db, userIds)
  if (seqs.length > 0) await createRecompute(db, { ...job, scope: { kind: 'users', seqs } })
  await record(ctx, db, {
    cause,
    directoryId: null,
    kind: 'names.bound',
    subjectId: String(rules.revision),
    payload: { groups: groupIds, users: userIds },
  })
}

/** The folded names that a configuration uses of which some directory has the group or the user, bound or to be bound. */
export async function boundNames(
  db: Db,
  { model }: Pick<InForce, 'model'>,
): Promise<{ readonly groups: ReadonlySet<string>; readonly users: ReadonlySet<string> }> {
  const [groups, users] = [[...model.groupNames.keys()], [...model.userNames]]
  const named = [...(await listBindings(db)), ...(await bindableGroups(db, groups))]
  const free = await bindableUsers(db, users)
  return {
    groups: new Set(named.map(({ nameKey }) => nameKey)),
    users: new Set([...(await boundUserNames(db, users)), ...free.map(({ nameKey }) => nameKey)]),
  }
}
