import type { z } from 'zod'
import type { question } from '../../schemas/messages.ts'
import type { Context } from '../context.ts'
import { map } from '../mapping/map.ts'
import { decide, unknownUser } from '../resolve/decide.ts'
import type { Decision } from '../resolve/decision.ts'
import { fold } from '../scim/fold.ts'
import { findDecision, type FoundDecision } from '../store/decisions.ts'
import { readFacts } from '../store/facts.ts'
import { findDirectory } from './directories.ts'
import { toFacts } from './facts.ts'
import { inForce } from './in-force.ts'
import { Problem } from './problem.ts'
import type { Db } from '../store/db.ts'

export type { Decision }
export type Question = z.output<typeof question>

/**
 * Answers one question, as the JSON text of the answer.
 *
 * What is stored is sent as it is. The facts are asked where nothing is stored (a model, a pick, an environment's own
 * connection), where a stored decision waits to be recomputed, and where time has run over it: so every answer is
 * computed from all that was acknowledged before.
 *
 * @throws Problem 404 for an unknown connection, model or directory; 409 when several people are meant
 */
export async function resolve(ctx: Context, asked: Question): Promise<string> {
  const at = ctx.now()
  const found = await find(ctx.engine.read, asked)
  const stored = storedAnswer(found, asked, at)
  if (stored !== undefined) return stored
  return ctx.engine.snapshot((db) => answerFromFacts(ctx, db, asked, at))
}

/** The connections that a person can be asked about: those that are not an environment of another one. */
export async function decidedConnections(ctx: Context): Promise<readonly string[]> {
  return (await inForce(ctx, ctx.engine.read)).decided
}

/** Answers many questions over one state of the store, as JSON text; a question that cannot be answered says why. */
export async function resolveMany(ctx: Context, questions: readonly Question[]): Promise<string> {
  const at = ctx.now()
  return ctx.engine.snapshot(async (db) => {
    const answers: string[] = []
    let position = 0
    for (const asked of questions) {
      const found = await find(db, asked).catch(asProblem)
      if (!(found instanceof Problem)) ({ position } = found)
      const answer =
        found instanceof Problem
          ? found
          : (storedAnswer(found, asked, at) ?? (await answerFromFacts(ctx, db, asked, at).catch(asProblem)))
      answers.push(
        answer instanceof Problem
          ? JSON.stringify({ question: asked, problem: { status: answer.status, detail: answer.detail } })
          : `{"question":${JSON.stringify(asked)},${answer.slice(1)}`,
      )
    }
    return `{"decisions":[${answers.join(',')}],"position":${position},"at":"${at}"}`
  })
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  throw error
}

async function find(db: Db, asked: Question): Promise<FoundDecision> {
  const directoryId =
    asked.directory === undefined ? undefined : (await findDirectory(db, asked.directory)).id
  return findDecision(db, {
    text: asked.user,
    textKey: fold(asked.user),
    connection: asked.connection,
    directoryId,
  })
}

/** The stored decision, where it stands for this question at this moment. */
function storedAnswer({ people, position }: FoundDecision, asked: Question, at: string): string | undefined {
  if (asked.model !== undefined || asked.environment !== undefined) return undefined
  const person = onlyPerson(people, asked.user)
  if (person === undefined || person.document === null || person.stale) return undefined
  if (person.validUntil !== null && person.validUntil <= at) return undefined
  return answer(person.document, position, at)
}

async function answerFromFacts(ctx: Context, db: Db, asked: Question, at: string): Promise<string> {
  const [{ model }, { people, position }] = await Promise.all([inForce(ctx, db), find(db, asked)])
  if (!model.connections.has(asked.connection))
    throw new Problem(404, `there is no connection \`${asked.connection}\``)
  if (asked.model !== undefined && model.models.get(asked.model)?.connection !== asked.connection) {
    throw new Problem(404, `there is no model \`${asked.model}\` on the connection \`${asked.connection}\``)
  }
  const person = onlyPerson(people, asked.user)
  const [facts] = person === undefined ? [] : await readFacts(db, [person.seq])
  const decision =
    facts === undefined
      ? unknownUser(asked, asked.directory)
      : decide(model, map(model, toFacts(facts, at)), asked)
  return answer(JSON.stringify(decision), position, at)
}

const answer = (decision: string, position: number, at: string): string =>
  `${decision.slice(0, -1)},"position":${position},"at":"${at}"}`

/**
 * The one person who is meant. Inside a directory the best match counts: the id before the user name before the external
 * id before an e-mail address. Between directories nothing does, or one could answer for a person of another.
 *
 * @throws Problem 409 when several people are meant
 */
function onlyPerson(
  people: FoundDecision['people'],
  text: string,
): FoundDecision['people'][number] | undefined {
  const [first] = people
  if (first === undefined || first.matched === 'id') return first
  const best = people.filter(
    (one) => one.matched === people.find(({ directoryId }) => directoryId === one.directoryId)?.matched,
  )
  if (best.length === 1) return first
  const directories = [...new Set(best.map((one) => one.directoryName))]
  throw new Problem(
    409,
    directories.length > 1
      ? `\`${text}\` fits people of several directories: ${directories.join(', ')}; name one with \`directory\``
      : `\`${text}\` fits ${best.length} people of the directory ${directories[0]}; ask by id or user name`,
    best.map((one) => ({
      path: 'user',
      message: `${one.userName} (${one.id}) of the directory ${one.directoryName}`,
    })),
  )
}
