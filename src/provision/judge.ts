import { map } from '../mapping/map.ts'
import type { Facts } from '../mapping/facts.ts'
import type { Environment } from '../resolve/connection.ts'
import { decide, unknownUser } from '../resolve/decide.ts'
import type { Because, Decision, Held, Question } from '../resolve/decision.ts'
import { keep } from '../resolve/keep.ts'
import { isLoss } from '../resolve/loss.ts'
import type { AccessModel } from '../resolve/model.ts'
import { refusals } from '../resolve/refusals.ts'
import type { UserFacts } from '../store/facts.ts'
import { frozenFacts } from './frozen.ts'
import { toFacts } from './facts.ts'

/** Somebody as decisions are made of: by what the directory says, and by what it said before where that is held. */
export interface Subject {
  /** Undefined: the directory has deleted the user. */
  readonly present: Facts | undefined
  /** The latest first. */
  readonly held: readonly HeldSubject[]
}

/** What somebody was decided by before a moment, since which that is held. */
export type HeldSubject = Held & { readonly facts: Facts }

/** Stored facts about somebody as decisions are made of them. */
export function subjectOf(person: UserFacts, at: string): Subject {
  return { present: toFacts(person, at), held: person.held.map((one) => frozenFacts(one, person, at)) }
}

/** A decision, and the facts that it was made of. */
export interface Judged {
  readonly decision: Decision
  readonly facts: Facts | undefined
}

/** Decides about one person, on as many questions as there are. */
export interface Judge {
  decide(question: Question, directory?: string): Judged
  /** Whether the person may ask for an environment by name. */
  mayPick(environment: Environment): boolean
  /** What the ceiling of the directory keeps its data from handing out. */
  readonly refused: readonly Because[]
  /** The first moment at which a decision changes by the passing of time alone. */
  readonly validUntil: string | null
}

/** The one way from facts to decisions, what is held included. */
export function judgeOf(model: AccessModel, { present, held }: Subject): Judge {
  const now = present && map(model, present)
  const then = held.map(({ facts, ...why }) => ({ facts, held: why, mapped: map(model, facts) }))
  const all = [...(now === undefined ? [] : [now]), ...then.map(({ mapped }) => mapped)]
  const moments = all.flatMap(({ validUntil }) => validUntil ?? []).toSorted()
  return {
    decide(question, directory) {
      const after = now === undefined ? unknownUser(question, directory) : decide(model, now, question)
      if (then.length === 0) return { decision: after, facts: present }
      const kept = then.map((one) => ({ ...one, before: decide(model, one.mapped, question) }))
      const { decision, by } = keep(after, kept)
      return { decision, facts: by === undefined ? present : by.facts }
    },
    mayPick: (environment) => all.some(({ picks }) => picks.get(environment)?.state === 'applies'),
    refused: now === undefined ? [] : refusals(now),
    validUntil: moments[0] ?? null,
  }
}

/** Everything that somebody may be asked about: connections, their environments by name, models. */
export function allQuestions(model: AccessModel, decided: readonly string[]): Question[] {
  const picks = new Set(model.pickable)
  return [
    ...decided.map((connection) => ({ connection })),
    ...[...model.models.values()].map(({ name, connection }) => ({ connection, model: name })),
    ...decided.flatMap((connection) =>
      [...(model.connections.get(connection)?.environments.values() ?? [])]
        .filter((environment) => picks.has(environment))
        .map((environment) => ({ connection, environment: environment.connection })),
    ),
  ]
}

/** Whether anybody may have something on a model, or an environment asked for by name, that no connection shows. */
export function asksBeyondConnections({ rules, grants, pickable }: AccessModel): boolean {
  return (
    pickable.length > 0 ||
    rules.some(({ grant }) => grant?.target.kind === 'model') ||
    [...grants.values()].flat().some(({ target }) => target.kind === 'model')
  )
}

/** Whether a person may do less than before on any of these questions. */
export function losesAny(questions: readonly Question[], before: Judge, after: Judge): boolean {
  return questions.some((question) =>
    isLoss(before.decide(question).decision, after.decide(question).decision),
  )
}
