import type { z } from 'zod'
import type { question } from '../../schemas/messages.ts'
import { canonicalRole } from '../../schemas/roles.ts'
import type { Context } from '../context.ts'
import type { Facts } from '../mapping/facts.ts'
import { whyNot, type WhyNot } from '../mapping/why-not.ts'
import type { Decision } from '../resolve/decision.ts'
import type { AccessModel } from '../resolve/model.ts'
import { fold } from '../scim/fold.ts'
import { feedPosition } from '../store/changes.ts'
import { findDecision } from '../store/decisions.ts'
import type { Db } from '../store/db.ts'
import { findDirectory } from './directories.ts'
import { judgeOf, type Subject } from './judge.ts'
import { onlyPerson } from './only-person.ts'
import { Problem } from './problem.ts'
import { explain, type Explained } from './rests-on.ts'
import { requireConnection, viewOf, whenOf, type View } from './view.ts'

export type { Decision, Explained, WhyNot }
export type Question = z.output<typeof question>

/**
 * Answers one question, as the JSON text of the answer.
 *
 * What is stored is sent as it is. The facts are asked where nothing is stored (a model, a pick, an environment's own
 * connection, a past moment), where a stored decision waits to be recomputed, and where time has run over it: so every
 * answer is computed from all that was acknowledged before.
 *
 * @throws Problem 404 for an unknown connection, model or directory; 409 when several people are meant; 422 for a moment
 * of which nothing is known
 */
export async function resolve(ctx: Context, asked: Question): Promise<string> {
  const at = ctx.now()
  const stored = await storedAnswer(ctx.engine.read, asked, at)
  if (stored !== undefined) return stored
  return ctx.engine.snapshot(async (db) => answerFrom(ctx, await viewOf(ctx, db, asked.at, at), asked))
}

/** The connections that a person can be asked about: those that are not an environment of another one. */
export async function decidedConnections(ctx: Context, at?: string): Promise<readonly string[]> {
  return ctx.engine.snapshot(async (db) => (await viewOf(ctx, db, at)).rules.decided)
}

/** The connection that a model is built on. @throws Problem 404 */
export async function connectionOfModel(ctx: Context, name: string, at?: string): Promise<string> {
  return ctx.engine.snapshot(async (db) => {
    const view = await viewOf(ctx, db, at)
    const found = view.rules.model.models.get(name)
    if (found === undefined) throw new Problem(404, `there is no model \`${name}\`${whenOf(view)}`)
    return found.connection
  })
}

/** Answers many questions over one state of the store, as JSON text; a question that cannot be answered says why. */
export async function resolveMany(ctx: Context, questions: readonly Question[]): Promise<string> {
  const at = ctx.now()
  return ctx.engine.snapshot(async (db) => {
    const views = viewsAt(ctx, db, at)
    const answers: string[] = []
    for (const asked of questions) {
      const answer = await answerOne(ctx, db, views, asked, at).catch(asProblem)
      answers.push(
        answer instanceof Problem
          ? JSON.stringify({ question: asked, problem: { status: answer.status, detail: answer.detail } })
          : `{"question":${JSON.stringify(asked)},${answer.slice(1)}`,
      )
    }
    const position = await feedPosition(db)
    return `{"decisions":[${answers.join(',')}],"position":${position},"at":"${at}"}`
  })
}

async function answerOne(ctx: Context, db: Db, views: Views, asked: Question, at: string): Promise<string> {
  return (await storedAnswer(db, asked, at)) ?? answerFrom(ctx, await views(asked.at), asked)
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  throw error
}

/** Gives the view of a moment, or of the present where none is named. */
type Views = (asOf: string | undefined) => Promise<View>

/** Views of one state of the store, each made when it is first asked for. */
function viewsAt(ctx: Context, db: Db, at: string): Views {
  const views = new Map<string | undefined, Promise<View>>()
  return (asOf) => {
    let view = views.get(asOf)
    if (view === undefined) views.set(asOf, (view = viewOf(ctx, db, asOf, at)))
    return view
  }
}

/** The stored decision, where it stands for this question at this moment. */
async function storedAnswer(db: Db, asked: Question, at: string): Promise<string | undefined> {
  const { connection, model, environment, directory } = asked
  if (model !== undefined || environment !== undefined) return undefined
  if (asked.at !== undefined || asked.explain === true || asked.whyNot !== undefined) return undefined
  const { people, position, meansHeld } = await findDecision(db, {
    text: asked.user,
    textKey: fold(asked.user),
    connection,
    directoryId: directory === undefined ? undefined : (await findDirectory(db, directory)).id,
  })
  if (meansHeld) return undefined
  const person = onlyPerson(people, asked.user)
  if (person === undefined || person.document === null || person.stale) return undefined
  if (person.validUntil !== null && person.validUntil <= at) return undefined
  return answer(person.document, position, at)
}

/** Somebody whom no directory knows. */
const NOBODY: Subject = { present: undefined, held: [] }

async function answerFrom(ctx: Context, view: View, asked: Question): Promise<string> {
  const { model } = view.rules
  await requireConnection(ctx, view, asked.connection)
  if (asked.model !== undefined && model.models.get(asked.model)?.connection !== asked.connection) {
    throw new Problem(
      404,
      `there is no model \`${asked.model}\` on the connection \`${asked.connection}\`${whenOf(view)}`,
    )
  }
  const directoryId = asked.directory === undefined ? undefined : await view.directoryId(asked.directory)
  const person = onlyPerson(await view.people(asked.user, directoryId), asked.user)
  const subject = (person && (await view.subject(person))) ?? NOBODY
  const { decision, facts } = judgeOf(model, subject).decide(asked, asked.directory)
  const told = asked.explain === true ? await explain(view, { asked, facts, decision }) : decision
  const missing = asked.whyNot === undefined ? {} : { whyNot: whyNotOf(model, facts, asked, asked.whyNot) }
  return answer(JSON.stringify({ ...told, ...missing }), view.position, view.at)
}

/** What a name may mean on the connection: a role, one of its environments, or both. @throws Problem 404 for neither */
function whyNotOf(model: AccessModel, facts: Facts | undefined, asked: Question, name: string): WhyNot[] {
  const role = model.roles.get(canonicalRole(name))
  const isEnvironment = model.connections.get(asked.connection)?.environments.has(name) === true
  if (role === undefined && !isEnvironment) {
    throw new Problem(404, `\`${name}\` is neither a role nor an environment of \`${asked.connection}\``)
  }
  if (facts === undefined) return []
  return [
    ...(role === undefined ? [] : [whyNot(model, facts, asked, { role })]),
    ...(isEnvironment ? [whyNot(model, facts, asked, { environment: name })] : []),
  ]
}

const answer = (decision: string, position: number, at: string): string =>
  `${decision.slice(0, -1)},"position":${position},"at":"${at}"}`
