import type { z } from 'zod'
import {
  EFFECT_KINDS,
  type EffectKind,
  type effectQuery,
  type planListQuery,
} from '../../schemas/messages/plans.ts'
import type { Context } from '../context.ts'
import { fold } from '../scim/fold.ts'
import { feedPosition } from '../store/changes.ts'
import { countUsers } from '../store/directories.ts'
import {
  deletePlans,
  failPlan,
  finishPlan,
  insertEffects,
  insertPlan,
  listEffects,
  listPlans as listRows,
  readPlan as readRow,
  touchPlan,
  type StoredEffect,
  type StoredPlan,
} from '../store/plans.ts'
import type { Cause } from './cause.ts'
import type { ConfigChange } from './config-changes.ts'
import {
  applyConfiguration,
  checked,
  plannedOn,
  previewConfiguration,
  type Applied,
  type ApplyOptions,
  type PlannedOn,
  type Written,
} from './configuration.ts'
import { findDirectory } from './directories.ts'
import type { Effect, Standing } from './effect.ts'
import { compile } from './in-force.ts'
import { judged } from './judged.ts'
import { lint, type Finding } from './lints.ts'
import { readCursor, toPage } from './page.ts'
import { compareForEverybody, type PersonalEffect } from './population.ts'
import { createTally, type Summary } from './plan-tally.ts'
import { Problem, type Fault } from './problem.ts'
import type { BackgroundWork } from './recompute.ts'
import type { Progress } from './redefine.ts'
import { refusalsOf } from './refusals.ts'
import { countUsage } from './usage.ts'

/** A change of configuration with its effect on everybody. What is not found yet is null. */
export interface Plan {
  readonly id: string
  readonly state: StoredPlan['state']
  readonly createdAt: string
  readonly actor: string
  readonly progress: { readonly done: number; readonly total: number }
  /** The revision that it was planned on. */
  readonly basedOn: number | null
  readonly position: number | null
  readonly changes: readonly ConfigChange[] | null
  readonly findings: readonly Finding[] | null
  /** What applying it would be refused for, as far as it takes a look at everybody to tell. */
  readonly refusals: readonly Fault[] | null
  readonly summary: Summary | null
  readonly error: string | null
}

/** What the work on a plan has found. */
interface Outcome {
  readonly position: number
  readonly changes: readonly ConfigChange[]
  readonly findings: readonly Finding[]
  readonly refusals: readonly Fault[]
  readonly summary: Summary
}

/** Effects that are kept to be listed; all are counted. */
const LISTED_AT_MOST = 100_000

/** How often a plan that is being computed says how far it is. */
const TOUCH_EVERY_MS = 500

/** After so much silence, the process that computed a plan is gone. */
const SILENCE_MS = 60_000

/** Finished plans that are kept for an actor, so that nobody fills the store. */
const KEEP_OF_ACTOR = 5

/** How long plans are kept. */
const KEEP_MS = 24 * 60 * 60 * 1000

/** Plans that this process computes, by store: what stops has to end them first. */
const working = new WeakMap<
  Context['engine'],
  Map<string, { stop: boolean; readonly ended: Promise<void> }>
>()

/** A plan that has begun. */
export interface BegunPlan {
  readonly id: string
  /** Resolves when its work has ended, well or not. */
  readonly ended: Promise<void>
}

export interface PlanOptions {
  /** Told how many people have been decided. */
  readonly progress?: Progress
  /** The revision that the document was made of: the plan fails when another one is in force. */
  readonly basedOn?: number
}

/**
 * Begins to compute what a document would change, for the configuration and for everybody. A plan of the same actor that
 * is still being computed ends.
 *
 * @throws Problem 422 with one entry per wrong place
 */
export async function beginPlan(
  ctx: Context,
  cause: Cause,
  document: unknown,
  options: PlanOptions = {},
): Promise<BegunPlan> {
  const written = checked(document)
  await previewConfiguration(ctx, ctx.engine.read, written)
  const id = ctx.newId()
  await ctx.engine.write(async (db) => {
    const earlier = await listRows(db, { actor: cause.actor, limit: 1000 })
    const done = earlier.filter(({ state }) => state === 'done')
    const kept = new Set(done.slice(0, KEEP_OF_ACTOR - 1))
    await deletePlans(
      db,
      earlier.filter((plan) => !kept.has(plan)).map((plan) => plan.id),
    )
    await insertPlan(db, {
      id,
      createdAt: ctx.now(),
      actor: cause.actor,
      document: JSON.stringify(written.document),
    })
  })
  const plans = workingOn(ctx)
  const work = { stop: false, ended: Promise.resolve() }
  const ended = compute(ctx, id, written, work, options).finally(() => plans.delete(id))
  plans.set(id, Object.assign(work, { ended }))
  return { id, ended }
}

/**
 * The plans that this process computes, as work that can be stopped: those that are not done by then have failed.
 */
export function planning(ctx: Context): BackgroundWork {
  return {
    async stop() {
      const plans = [...workingOn(ctx).values()]
      for (const plan of plans) plan.stop = true
      await Promise.all(plans.map(({ ended }) => ended))
    },
  }
}

function workingOn(ctx: Context): Map<string, { stop: boolean; readonly ended: Promise<void> }> {
  let plans = working.get(ctx.engine)
  if (plans === undefined) working.set(ctx.engine, (plans = new Map()))
  return plans
}

/** Nobody waits for this plan any longer. */
class Abandoned extends Error {}

async function compute(
  ctx: Context,
  id: string,
  written: Written,
  work: { readonly stop: boolean },
  { progress = () => {}, basedOn }: PlanOptions,
): Promise<void> {
  try {
    const touch = createTouch(ctx, id)
    const found = await ctx.engine.snapshot(async (db) => {
      const preview = await previewConfiguration(ctx, db, written)
      if (basedOn !== undefined && preview.present.revision !== basedOn) {
        throw new Problem(409, `revision ${preview.present.revision} is in force meanwhile; plan again`)
      }
      const planned = compile(written.config, written.document)
      const total = await countUsers(db)
      const tally = createTally()
      const listed: StoredEffect[] = []
      const usage = countUsage()
      let people = 0
      progress(0, total)
      const goOn = (done: number): void => {
        if (work.stop) throw new Problem(503, 'the server was stopped; plan again')
        if (!touch.stillWanted(done, Math.max(done, total))) throw new Abandoned()
      }
      const visit = async (effects: readonly PersonalEffect[], done: number): Promise<void> => {
        people = done
        for (const effect of effects) {
          tally.add(effect)
          if (listed.length < LISTED_AT_MOST) listed.push(toRow(effect))
        }
        progress(done, Math.max(done, total))
        goOn(done)
      }
      await compareForEverybody(ctx, db, { present: preview.present, planned }, visit, usage)
      const summary = tally.summary(people, listed.length)
      const directories = [
        ...preview.directories,
        ...preview.directoryChanges.filter(({ present }) => present === undefined),
      ]
      const outcome: Outcome = {
        position: await feedPosition(db),
        changes: preview.changes,
        findings: lint({
          ...(await judged(ctx, db, planned, directories)),
          usage: usage.counted(people),
        }),
        refusals: await refusalsOf(ctx, db, { ...preview, planned }, () => goOn(people)),
        summary,
      }
      return { preview, listed, outcome }
    })
    await touch.settled()
    await keep(
      ctx,
      id,
      found.listed.toSorted((a, b) => gravity(a) - gravity(b)),
    )
    await ctx.engine.write((db) =>
      finishPlan(db, id, {
        present: JSON.stringify(plannedOn(found.preview)),
        outcome: JSON.stringify(found.outcome),
        total: found.outcome.summary.people,
      }),
    )
  } catch (error) {
    if (error instanceof Abandoned) return
    if (!(error instanceof Problem)) ctx.log.error({ err: error, plan: id }, 'a plan failed')
    const says =
      error instanceof Problem
        ? error.detail
        : 'computing it failed by an error on our side; the log has more'
    await ctx.engine
      .write((db) => failPlan(db, id, says))
      .catch((broken: unknown) => ctx.log.error({ err: broken, plan: id }, 'a failed plan cannot be noted'))
  }
}

/**
 * Says now and then how far a plan is. Nobody waits for that to be written: on a pool of one connection it is written
 * when the plan is done.
 */
function createTouch(ctx: Context, id: string) {
  let last = performance.now()
  let wanted = true
  let writing: Promise<void> | undefined
  return {
    stillWanted(done: number, total: number): boolean {
      if (writing === undefined && performance.now() - last > TOUCH_EVERY_MS) {
        last = performance.now()
        writing = ctx.engine
          .write((db) => touchPlan(db, id, { touchedAt: ctx.now(), done, total }))
          .then(
            (is) => {
              wanted = is
            },
            () => {},
          )
          .finally(() => {
            writing = undefined
          })
      }
      return wanted
    },
    settled: async (): Promise<void> => writing,
  }
}

/** Effects that are written in one unit of work. */
const WRITTEN_AT_ONCE = 1000

async function keep(ctx: Context, id: string, effects: readonly StoredEffect[]): Promise<void> {
  for (let from = 0; from < effects.length; from += WRITTEN_AT_ONCE) {
    await ctx.engine.write(async (db) => {
      // Its effects would hang on nothing.
      if ((await readRow(db, id)) === undefined) throw new Abandoned()
      await insertEffects(db, id, from, effects.slice(from, from + WRITTEN_AT_ONCE))
    })
  }
}

/**
 * A plan as far as it is.
 *
 * @throws Problem 404
 */
export async function readPlan(ctx: Context, id: string): Promise<Plan> {
  return view(ctx, await findPlan(ctx, id))
}

async function findPlan(ctx: Context, id: string): Promise<StoredPlan> {
  const row = await readRow(ctx.engine.read, id)
  if (row === undefined) {
    throw new Problem(
      404,
      `there is no plan \`${id}\`: plans are kept for a day, and the last ${KEEP_OF_ACTOR} of each actor; plan again`,
    )
  }
  return row
}

/** One page of plans, the newest first. */
export async function listPlans(
  ctx: Context,
  { limit, cursor, search }: z.output<typeof planListQuery>,
): Promise<{ plans: Plan[]; nextCursor?: string }> {
  const after = readCursor(cursor, ['string', 'string'])
  const found = await listRows(ctx.engine.read, {
    before: after && { createdAt: after[0], id: after[1] },
    search,
    limit: limit + 1,
  })
  const { rows, nextCursor } = toPage(found, limit, (row) => [row.createdAt, row.id])
  return { plans: rows.map((row) => view(ctx, row)), ...(nextCursor !== undefined && { nextCursor }) }
}

function view(ctx: Context, row: StoredPlan): Plan {
  const present = row.present === null ? null : (JSON.parse(row.present) as PlannedOn)
  const outcome = row.outcome === null ? null : (JSON.parse(row.outcome) as Outcome)
  const silent = row.state === 'running' && Date.parse(ctx.now()) - Date.parse(row.touchedAt) > SILENCE_MS
  return {
    id: row.id,
    state: silent ? 'failed' : row.state,
    createdAt: row.createdAt,
    actor: row.actor,
    progress: { done: row.done, total: row.total },
    basedOn: present?.revision ?? null,
    position: outcome?.position ?? null,
    changes: outcome?.changes ?? null,
    findings: outcome?.findings ?? null,
    refusals: outcome?.refusals ?? null,
    summary: outcome?.summary ?? null,
    error: silent ? 'the process that computed it is gone; plan again' : row.error,
  }
}

/** What a plan does to one person on one connection. */
export interface EffectView {
  readonly user: { readonly id: string; readonly userName: string }
  readonly directory: { readonly id: string; readonly name: string }
  readonly connection: string
  readonly model: string | null
  readonly kinds: readonly EffectKind[]
  readonly before: StandingView | null
  readonly after: StandingView | null
  readonly permissions: Effect['permissions']
  readonly because: string
}

interface StandingView {
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: string | null
  readonly environment: string | null
  readonly value: string | null
}

/**
 * One page of the effects of a plan, the gravest first.
 *
 * @throws Problem 404 for an unknown plan or directory; 409 while it is not done
 */
export async function listPlanEffects(
  ctx: Context,
  id: string,
  query: z.output<typeof effectQuery>,
): Promise<{ effects: EffectView[]; nextCursor?: string }> {
  await finishedPlan(ctx, id)
  const { limit, cursor, kind, directory, search, connection } = query
  const found = await listEffects(ctx.engine.read, id, {
    kinds: kind === undefined ? undefined : bitOf(kind),
    connection,
    directoryId: directory === undefined ? undefined : (await findDirectory(ctx.engine.read, directory)).id,
    search: search === undefined ? undefined : fold(search),
    after: readCursor(cursor, ['number'])?.[0],
    limit: limit + 1,
  })
  const { rows, nextCursor } = toPage(found, limit, (row) => [row.number])
  return {
    effects: rows.map(({ kinds, connection: on, detail }) => ({
      connection: on,
      kinds: EFFECT_KINDS.filter((one) => (kinds & bitOf(one)) !== 0),
      ...(JSON.parse(detail) as Omit<EffectView, 'connection' | 'kinds'>),
    })),
    ...(nextCursor !== undefined && { nextCursor }),
  }
}

/** An effect as it is stored. */
function toRow({
  person,
  question,
  kinds,
  before,
  after,
  permissions,
  because,
}: PersonalEffect): StoredEffect {
  const { user, directory } = person
  const detail: Omit<EffectView, 'connection' | 'kinds'> = {
    user: { id: user.id, userName: user.userName },
    directory: { id: directory.id, name: directory.name },
    model: question.model ?? null,
    before: standingView(before),
    after: standingView(after),
    permissions,
    because,
  }
  return {
    kinds: kinds.reduce((bits, kind) => bits | bitOf(kind), 0),
    connection: question.connection,
    directoryId: directory.id,
    userNameKey: fold(user.userName),
    detail: JSON.stringify(detail),
  }
}

/** The lower, the graver. */
const gravity = ({ kinds }: StoredEffect): number => kinds & -kinds

const bitOf = (kind: EffectKind): number => 1 << EFFECT_KINDS.indexOf(kind)

function standingView(standing: Standing | undefined): StandingView | null {
  if (standing === undefined) return null
  const { decision, reason, role, environment } = standing.decision
  return {
    decision,
    reason,
    role: role?.name ?? null,
    environment: environment?.connection ?? null,
    value: environment?.value ?? null,
  }
}

/**
 * Makes a planned configuration the one in force. Facts may have moved since: identity providers do not stand still.
 *
 * @throws Problem 404; 412 as `applyConfiguration`; 409 while it is not done, and with what happened where the configuration has moved
 */
export async function applyPlan(
  ctx: Context,
  cause: Cause,
  id: string,
  options: Pick<ApplyOptions, 'basedOn' | 'progress'> = {},
): Promise<Applied> {
  const { document, present } = await finishedPlan(ctx, id)
  return applyConfiguration(ctx, cause, JSON.parse(document), {
    ...options,
    plannedOn: JSON.parse(present) as PlannedOn,
  })
}

async function finishedPlan(ctx: Context, id: string): Promise<StoredPlan & { readonly present: string }> {
  const row = await findPlan(ctx, id)
  const { state, progress, error } = view(ctx, row)
  if (state === 'failed') throw new Problem(409, `the plan \`${id}\` failed: ${error ?? 'plan again'}`)
  if (row.present === null || state === 'running') {
    throw new Problem(
      409,
      `the plan \`${id}\` is still being computed: ${progress.done} of ${progress.total} people are done`,
    )
  }
  return { ...row, present: row.present }
}

/** The moment before which plans are not kept. */
export const plansAreKeptSince = (ctx: Context): string =>
  new Date(Date.parse(ctx.now()) - KEEP_MS).toISOString()
