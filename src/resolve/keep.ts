import type { Because, Decision, Held } from './decision.ts'
import { isLoss } from './loss.ts'

/** A decision by what the directory said before a moment, since which that is held. */
export interface Kept {
  readonly before: Decision
  readonly held: Held
}

/**
 * The decision about somebody whose access is held: by what the directory says now, or by what it said before where
 * that would be a loss. What somebody gains is never held.
 *
 * @param kept the latest first: at each moment somebody had what all those before it gave
 * @returns which of them answers, too; undefined: what the directory says now
 */
export function keep<One extends Kept>(
  after: Decision,
  kept: readonly One[],
): { readonly decision: Decision; readonly by: One | undefined } {
  let by: One | undefined
  for (const one of kept) if (isLoss(one.before, by?.before ?? after)) by = one
  if (by === undefined) return { decision: after, by }
  const { before, held } = by
  return { decision: { ...before, held, because: [reason(after, held), ...before.because] }, by }
}

function reason(after: Decision, { kind, since, alarm }: Held): Because {
  const why = kind === 'protected' ? 'the user is protected' : 'too many people lost access at once'
  const text = `held as it was before ${since}, since ${why}: by what the directory says now it would be ${summary(after)}; alarm \`${alarm}\``
  return { step: 'user', kind: 'held', text }
}

const summary = ({ decision, reason: why, role, environment }: Decision): string =>
  decision === 'deny' ? `deny, \`${why}\`` : `\`${role?.name}\` on \`${environment?.connection}\``
