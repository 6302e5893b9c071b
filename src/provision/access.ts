import type { z } from 'zod'
import type { accessQuery, assignmentQuery } from '../../schemas/messages.ts'
import type { Context } from '../context.ts'
import type { Decision } from '../resolve/decision.ts'
import { canonicalRole } from '../../schemas/roles.ts'
import { fold } from '../scim/fold.ts'
import type { Db } from '../store/db.ts'
import { listDecisions, type DecisionQuery } from '../store/decisions.ts'
import { decisionsWait } from '../store/recomputes.ts'
import { deletedAssignments, type Placed } from './deleted-assignments.ts'
import { findDirectory } from './directories.ts'
import { inForce } from './in-force.ts'
import { judgeOf } from './judge.ts'
import { readCursor, toPage } from './page.ts'
import { Problem } from './problem.ts'
import { explain } from './rests-on.ts'
import { viewOf, whenOf } from './view.ts'

/** Everything that one person has. */
export interface Access {
  readonly user: {
    readonly id: string
    readonly userName: string
    readonly active: boolean
    readonly directory: { readonly id: string; readonly name: string }
  }
  readonly connections: Readonly<Record<string, Decision>>
  readonly position: number
  readonly at: string
}

/**
 * Decides for one person on every connection, from the facts.
 *
 * @throws Problem 404, or 422 for a moment of which nothing is known
 */
export async function accessOf(
  ctx: Context,
  id: string,
  asked: z.output<typeof accessQuery> = {},
): Promise<Access> {
  return ctx.engine.snapshot(async (db) => {
    const view = await viewOf(ctx, db, asked.at)
    const person = (await view.people(id, undefined)).find((one) => one.id === id)
    const subject = person && (await view.subject(person))
    const known = subject?.present ?? subject?.held[0]?.facts
    if (subject === undefined || known === undefined) {
      throw new Problem(404, `there is no user with the id \`${id}\`${whenOf(view)}`)
    }
    const { model, decided } = view.rules
    const judge = judgeOf(model, subject)
    const { user, directory } = known
    const connections: [string, Decision][] = []
    for (const connection of decided) {
      const { decision, facts } = judge.decide({ connection })
      const answered = { asked: { user: id, connection }, facts, decision }
      connections.push([connection, asked.explain === true ? await explain(view, answered) : decision])
    }
    return {
      user: {
        id: user.id,
        userName: user.userName,
        active: subject.present?.user.active ?? false,
        directory: { id: directory.id, name: directory.name },
      },
      connections: Object.fromEntries(connections),
      position: view.position,
      at: view.at,
    }
  })
}

export interface Assignment {
  readonly user: { readonly id: string; readonly userName: string }
  readonly directory: { readonly id: string; readonly name: string }
  readonly connection: string
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: string | null
  readonly tier: string | null
  readonly environment: string | null
  readonly value: string | null
}

/**
 * One page of stored decisions, and of those about people who are deleted and held: who has a role, a value, an
 * environment, a state.
 *
 * @throws Problem 404 for an unknown connection, role or directory
 */
export async function listAssignments(
  ctx: Context,
  query: z.output<typeof assignmentQuery>,
): Promise<{ assignments: Assignment[]; nextCursor?: string; recomputing: boolean }> {
  const { limit, cursor, directory, search, role, tier, held, ...rest } = query
  const after = readCursor(cursor, ['number', 'string'])
  const db = ctx.engine.read
  const { model } = await inForce(ctx, db)
  if (rest.connection !== undefined && !model.connections.has(rest.connection))
    throw new Problem(404, `there is no connection \`${rest.connection}\``)
  if (role !== undefined && !model.roles.has(canonicalRole(role)))
    throw new Problem(404, `there is no role \`${role}\``)
  const wanted = {
    ...rest,
    role: role === undefined ? undefined : canonicalRole(role),
    tier: tier === undefined ? undefined : canonicalRole(tier),
    held: held === 'true',
    search: search === undefined ? undefined : fold(search),
    directoryId: directory === undefined ? undefined : (await findDirectory(db, directory)).id,
  }
  const isBehind = after !== undefined && after[0] < 0
  const found = isBehind ? [] : await storedAssignments(db, { ...wanted, after, limit: limit + 1 })
  const room = limit + 1 - found.length
  if (room > 0) {
    const last = isBehind ? after : undefined
    found.push(...(await deletedAssignments(ctx, db, { ...wanted, after: last, limit: room })))
  }
  const { rows, nextCursor } = toPage(found, limit, ({ key }) => key)
  return {
    assignments: rows.map(({ assignment }) => assignment),
    ...(nextCursor !== undefined && { nextCursor }),
    recomputing: await decisionsWait(db),
  }
}

async function storedAssignments(
  db: Db,
  {
    after,
    ...wanted
  }: Omit<DecisionQuery, 'after'> & { readonly after: readonly [number, string] | undefined },
): Promise<Placed[]> {
  const rows = await listDecisions(db, {
    ...wanted,
    after: after && { userSeq: after[0], connection: after[1] },
  })
  return rows.map((row) => ({
    key: [row.userSeq, row.connection],
    assignment: {
      user: { id: row.userId, userName: row.userName },
      directory: { id: row.directoryId, name: row.directoryName },
      connection: row.connection,
      decision: row.decision,
      reason: row.reason,
      role: row.role,
      tier: row.tier,
      environment: row.environment,
      value: row.value,
    },
  }))
}
