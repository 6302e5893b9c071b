import type { Connection, Model, Target } from '../resolve/connection.ts'
import { decide } from '../resolve/decide.ts'
import type { Decision, Question } from '../resolve/decision.ts'
import type { Mapped } from '../resolve/mapped.ts'
import type { AccessModel } from '../resolve/model.ts'
import type { Role } from '../resolve/role.ts'
import type { Facts } from './facts.ts'
import { map } from './map.ts'
import { readPerson, type Person } from './person.ts'
import { waysToEnvironment } from './ways-to-environment.ts'
import { waysToRole } from './ways-to-role.ts'

/** What somebody might have on a connection. */
export type Wanted = { readonly role: Role } | { readonly environment: string }

/** One way in which it could be had. */
export interface Way {
  /** What would give it: `rule … would give …`. */
  readonly text: string
  readonly rule?: string
  /** What stands in the way, in the order in which it is looked at. Empty: this is why they have it. */
  readonly fails: readonly string[]
}

/** Why somebody does not have a role, or does not get to an environment. */
export interface WhyNot {
  readonly wanted: { readonly role: string } | { readonly environment: string }
  /** Whether they have it after all. */
  readonly has: boolean
  /** The nearest ways first: those where the least is missing. */
  readonly ways: readonly Way[]
  /** How many further ways there are. */
  readonly more: number
}

/**
 * The nearest ways in which somebody could have a role or get to an environment, each with what it fails on.
 *
 * @param question the connection, and the model if one is meant
 */
export function whyNot(model: AccessModel, facts: Facts, question: Question, wanted: Wanted): WhyNot {
  const { user } = facts
  // What else is missing is told as if the user were active.
  const mapped = map(model, { ...facts, user: { ...user, active: true } })
  const decision = decide(model, mapped, question)
  const has = user.active && isHad(decision, wanted)
  const person = readPerson(model, facts)
  const ways = (has ? [] : waysTo(model, person, mapped, question, wanted, decision))
    .map((way) =>
      user.active ? way : { ...way, fails: [`\`${user.userName}\` is deactivated`, ...way.fails] },
    )
    // What is equally near stays in the order of the configuration.
    .toSorted((left, right) => left.fails.length - right.fails.length)
  return {
    wanted: 'role' in wanted ? { role: wanted.role.name } : wanted,
    has,
    ways: ways.slice(0, NEAREST),
    more: Math.max(ways.length - NEAREST, 0),
  }
}

const NEAREST = 5

function isHad({ decision, role, environment }: Decision, wanted: Wanted): boolean {
  if ('environment' in wanted) return environment?.connection === wanted.environment
  return role?.name === wanted.role.name && (decision === 'allow' || role.tier === 'no_access')
}

function waysTo(
  model: AccessModel,
  person: Person,
  mapped: Mapped,
  question: Question,
  wanted: Wanted,
  decision: Decision,
): Way[] {
  const connection = model.connections.get(question.connection)
  if (connection === undefined) throw new Error(`there is no connection \`${question.connection}\``)
  return 'role' in wanted
    ? waysToRole(model, person, targetsOf(model, connection, question), wanted.role, decision)
    : waysToEnvironment(
        model,
        person,
        mapped,
        connection,
        { ...question, wanted: wanted.environment },
        decision,
      )
}

/** Where a grant of the role would count. */
function targetsOf(model: AccessModel, connection: Connection, question: Question): readonly Target[] {
  const dataModel: Model | undefined =
    question.model === undefined ? undefined : model.models.get(question.model)
  return dataModel === undefined ? [connection] : [connection, dataModel]
}
