import type { Facts } from '../mapping/facts.ts'
import type { HeldFacts, UserFacts } from '../store/facts.ts'
import { toFacts } from './facts.ts'
import type { HeldSubject } from './judge.ts'

/** The facts about somebody at a moment, by themselves. */
type Snapshot = Pick<UserFacts, 'user' | 'groups'> & { readonly bindings: readonly [string, string][] }

/** The facts about somebody as text, to go by them later. */
export function snapshotOf({ user, groups, bindings }: UserFacts): string {
  const above = new Set(groups.map(({ id }) => id))
  const bound = [...bindings].filter(([, groupId]) => above.has(groupId))
  return JSON.stringify({ user, groups, bindings: bound } satisfies Snapshot)
}

/**
 * The facts that are held, under what is configured now: the ceilings of the directory, and the groups and the user that
 * it means by names. A name that meant a group of this person goes on doing so.
 *
 * @param person what there is now; of somebody who is deleted, nobody's names
 */
export function frozenFacts(
  { facts, kind, alarm, since }: HeldFacts,
  {
    user,
    directory,
    bindings,
  }: Pick<UserFacts, 'directory' | 'bindings'> & {
    readonly user?: Pick<UserFacts['user'], 'names'>
  },
  at: string,
): HeldSubject {
  const snapshot = JSON.parse(facts) as Snapshot
  const names = [...new Set([...snapshot.user.names, ...(user?.names ?? [])])].toSorted()
  const frozen: Facts = toFacts(
    {
      seq: 0,
      user: { ...snapshot.user, names },
      directory,
      groups: snapshot.groups,
      bindings: new Map([...bindings, ...snapshot.bindings]),
      held: [],
      refused: undefined,
    },
    at,
  )
  return { kind, alarm, since, facts: frozen }
}
