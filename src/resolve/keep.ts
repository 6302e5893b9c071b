import type { Because, Decision, Held } from './decision.ts'
import { isLoss } from './loss.ts'

/**
 * The decision about somebody whose access is held: the one by what the directory said before, where what it says now
 * would take something away. What somebody gains is never held.
 */
export function keep(before: Decision, after: Decision, held: Held): Decision {
  if (!isLoss(before, after)) return after
  return { ...before, held, because: [reason(after, held), ...before.because] }
}

function reason(after: Decision, { kind, since, alarm }: Held): Because {
  const why = kind === 'protected' ? 'the user is protected' : 'too many people lost access at once'
  const text = `held as it was before ${since}, since ${why}: by what the directory says now it would be ${summary(after)}; alarm \`${alarm}\``
  return { step: 'user', kind: 'held', text }
}

const summary = ({ decision, reason: why, role, environment }: Decision): string =>
  decision === 'deny' ? `deny, \`${why}\`` : `\`${role?.name}\` on \`${environment?.connection}\``
