import type { GroupFact } from './facts.ts'

/** A group that the user is in, and the group that it was reached through; undefined for the user's own groups. */
export interface Reached {
  readonly group: GroupFact
  readonly through: Reached | undefined
}

/**
 * Every group that leads up from the user, by id, each by a shortest way. Of several shortest ways the one through
 * the group that is first by name counts, so the order of the facts does not matter.
 */
export function reach(userId: string, groups: readonly GroupFact[]): ReadonlyMap<string, Reached> {
  const reached = new Map<string, Reached>()
  const containers = containersOf(groups)
  let level: Reached[] = (containers.get(userId) ?? []).map((group) => ({ group, through: undefined }))
  while (level.length > 0) {
    const next: Reached[] = []
    for (const step of level.toSorted(byName)) {
      if (reached.has(step.group.id)) continue
      reached.set(step.group.id, step)
      for (const group of containers.get(step.group.id) ?? []) {
        if (!reached.has(group.id)) next.push({ group, through: step })
      }
    }
    level = next
  }
  return reached
}

/**
 * Display names of the groups between the user and a reached group, the user's own group first. Of a long way both
 * ends are named, and how many groups are between them.
 */
export function wayTo(reached: Reached): string[] {
  const way: string[] = []
  for (let step = reached.through; step; step = step.through) way.push(step.group.displayName)
  way.reverse()
  const between = way.length - 2 * NAMED_AT_EACH_END
  if (between <= 1) return way
  return [...way.slice(0, NAMED_AT_EACH_END), `… ${between} more …`, ...way.slice(-NAMED_AT_EACH_END)]
}

const NAMED_AT_EACH_END = 4

function containersOf(groups: readonly GroupFact[]): Map<string, GroupFact[]> {
  const containers = new Map<string, GroupFact[]>()
  for (const group of groups) {
    for (const member of group.members) {
      const found = containers.get(member)
      if (found) found.push(group)
      else containers.set(member, [group])
    }
  }
  return containers
}

function byName(left: Reached, right: Reached): number {
  return (
    compare(left.group.displayName, right.group.displayName) ||
    compare(left.group.id, right.group.id) ||
    compare(left.through?.group.displayName ?? '', right.through?.group.displayName ?? '') ||
    compare(left.through?.group.id ?? '', right.through?.group.id ?? '')
  )
}

function compare(left: string, right: string): number {
  return left < right ? -1 : Number(left > right)
}
