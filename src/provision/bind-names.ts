import type { Context } from '../context.ts'
import { bindGroups } from '../store/bindings.ts'
import { createRecompute } from '../store/recomputes.ts'
import type { InForce } from './in-force.ts'
import type { Db } from '../store/db.ts'

/**
 * Binds the names that the configuration uses and that nobody is bound to, to those who bear them now.
 *
 * Names that it has stopped using stay bound: who is meant does not change when a file is taken back.
 */
export async function bindNames(db: Db, { model }: InForce): Promise<{ readonly groupIds: string[] }> {
  const groups = await bindGroups(db, [...model.groupNames.keys()])
  return { groupIds: groups.map(({ groupId }) => groupId) }
}

/** The same for a configuration that is in force already: whoever is bound by it waits to be decided again. */
export async function bindFreedNames(ctx: Context, db: Db, rules: InForce): Promise<void> {
  const { groupIds } = await bindNames(db, rules)
  if (groupIds.length === 0) return
  const job = { cause: `revision ${rules.revision} applied again`, createdAt: ctx.now() }
  await createRecompute(db, { ...job, scope: { kind: 'below', groupIds } })
}
