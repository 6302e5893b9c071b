import { scimBase } from '../../provision/scim-base.ts'
import { invalidValue, quote, type ScimError } from '../../scim/error.ts'
import { readBulk, type BulkMethod, type BulkOperation, type BulkTask } from '../../scim/bulk/read.ts'
import { putAside, referencesIn, resolveReferences, type Aside } from '../../scim/bulk/references.ts'
import { replyTo, type Asked } from '../errors.ts'
import type { Gate } from '../gate.ts'
import type { Reply } from '../reply.ts'
import type { ScimCall, ScimHandler } from './call.ts'
import { createOne, deleteOne, patchOne, replaceOne } from './resources.ts'

/** The most operations of one bulk request (`bulk.maxOperations`). */
export const MOST_OPERATIONS = 1000

/**
 * POST to `/Bulk` (RFC 7644 §3.7): many requests in one, each judged by the code that judges it alone, each a unit of
 * work of its own, and each in its turn at the gate.
 */
export function bulk(gate: Gate): ScimHandler {
  return async (call) => {
    const { operations, failOnErrors } = readBulk(call.body, MOST_OPERATIONS)
    // It stood at the gate for its first operation.
    gate.charge(call.principal, operations.length - 1)
    const job = openJob(gate, call, operations, failOnErrors ?? Infinity)
    for (const step of job.steps) await perform(job, step)
    for (const step of job.steps) await finish(job, step)
    return {
      status: 200,
      type: call.type,
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
        Operations: job.steps.flatMap(({ result }) => result ?? []),
      }),
    }
  }
}

const HANDLERS: Readonly<Record<BulkMethod, typeof createOne>> = {
  POST: createOne,
  PUT: replaceOne,
  PATCH: patchOne,
  DELETE: deleteOne,
}

/** A bulk request while it is worked on. */
interface Job {
  readonly gate: Gate
  readonly call: ScimCall
  readonly steps: readonly Step[]
  /** The POST of each bulkId. */
  readonly creations: ReadonlyMap<string, Step>
  /** The ids of what was created, by bulkId. */
  readonly ids: Map<string, string>
  readonly failOnErrors: number
  errors: number
}

interface Step {
  readonly operation: BulkOperation
  state: 'waiting' | 'running' | 'done' | 'failed'
  /** What refers to resources that could not be created before this one. */
  aside: readonly Aside[]
  /** The bulkIds of these. */
  awaits: readonly string[]
  /** What is told about it; nothing while it was not tried. */
  result: Result | undefined
}

/** An entry of the answer (RFC 7644 §3.7.3). */
interface Result {
  readonly location?: string
  readonly method?: BulkMethod
  readonly bulkId?: string
  readonly version?: string
  readonly status: string
  readonly response?: unknown
}

function openJob(
  gate: Gate,
  call: ScimCall,
  operations: readonly BulkOperation[],
  failOnErrors: number,
): Job {
  const steps = operations.map((operation): Step => ({
    operation,
    state: 'waiting',
    aside: [],
    awaits: [],
    result: undefined,
  }))
  const creations = new Map<string, Step>()
  for (const step of steps) {
    const { bulkId, task } = step.operation
    if (bulkId !== undefined && 'method' in task && task.method === 'POST') creations.set(bulkId, step)
  }
  return { gate, call, steps, creations, ids: new Map(), failOnErrors, errors: 0 }
}

/**
 * Performs an operation, and before it those that create what it refers to, in the order in which the client sent them.
 * All others keep that order.
 */
async function perform(job: Job, step: Step): Promise<void> {
  if (step.state !== 'waiting' || isOver(job)) return
  step.state = 'running'
  const { task } = step.operation
  if (!('method' in task)) return fail(job, step, task)
  const needed = referencesIn([task.id, task.data])
  for (const [bulkId, creation] of job.creations) if (needed.has(bulkId)) await perform(job, creation)
  if (isOver(job)) return
  const missing = [...needed].find((bulkId) => !canRefer(job, bulkId))
  if (missing !== undefined) return fail(job, step, unresolved(missing))
  if (job.steps[0] !== step) await job.gate.yield(job.call.principal)
  try {
    const reply = await handle(job, step, task)
    succeed(job, step, task, reply)
  } catch (error) {
    return fail(job, step, error)
  }
  for (const each of job.steps) if (each.aside.length > 0) await finish(job, each)
}

const isOver = (job: Job): boolean => job.errors >= job.failOnErrors

/** Whether the resource of a bulkId exists, or will as soon as that which refers to it does. */
function canRefer(job: Job, bulkId: string): boolean {
  return job.ids.has(bulkId) || job.creations.get(bulkId)?.state === 'running'
}

const unresolved = (bulkId: string): ScimError =>
  invalidValue(`the \`bulkId\` ${quote(bulkId)} names nothing that this request has created`)

/** Sends an operation the way that a single request goes. */
async function handle(job: Job, step: Step, task: BulkTask): Promise<Reply> {
  const circular = new Set([...referencesIn(task.data)].filter((bulkId) => !job.ids.has(bulkId)))
  const { data, aside } =
    circular.size === 0 ? { data: task.data, aside: [] } : putAside(task.data as object, circular)
  const reply = await HANDLERS[task.method](task.type)(callOf(job, task, data))
  step.aside = aside
  step.awaits = [...circular]
  return reply
}

function callOf({ call, ids }: Job, task: BulkTask, data: unknown): ScimCall {
  return {
    ...call,
    query: new URLSearchParams(),
    headers: { prefer: 'return=minimal', ...(task.version !== undefined && { 'if-match': task.version }) },
    id: String(resolveReferences(task.id, ids)),
    body: resolveReferences(data, ids),
  }
}

function succeed(job: Job, step: Step, task: BulkTask, { status, headers }: Reply): void {
  const { bulkId, method } = step.operation
  const location = headers?.['location'] ?? locationOf(job, step)
  if (bulkId !== undefined && task.method === 'POST') {
    job.ids.set(bulkId, location?.slice(location.lastIndexOf('/') + 1) ?? '')
  }
  const version = headers?.['etag']
  step.state = 'done'
  step.result = {
    ...(location !== undefined && { location }),
    ...(method && { method }),
    ...(bulkId !== undefined && { bulkId }),
    ...(version !== undefined && { version }),
    status: String(status),
  }
}

function fail(job: Job, step: Step, error: unknown): void {
  const { bulkId, method } = step.operation
  const { status, body } = replyTo(error, asked(job), job.call.ctx.log)
  const location = method === 'POST' ? undefined : locationOf(job, step)
  job.errors += 1
  step.state = 'failed'
  step.result = {
    ...(location !== undefined && { location }),
    ...(method && { method }),
    ...(bulkId !== undefined && { bulkId }),
    status: String(status),
    response: JSON.parse(body ?? 'null'),
  }
}

const asked = ({ call }: Job): Asked => ({
  method: 'POST',
  path: '/scim/v2/Bulk',
  requestId: call.requestId,
  principal: call.principal,
})

function locationOf({ call, ids }: Job, { operation: { path } }: Step): string | undefined {
  return path === undefined ? undefined : scimBase(call.ctx) + String(resolveReferences(path, ids))
}

/**
 * Adds to a created resource what refers to resources that exist by now, and takes the resource away again if these
 * have failed (RFC 7644 §3.7.1).
 */
async function finish(job: Job, step: Step): Promise<void> {
  const { bulkId, task } = step.operation
  if (step.aside.length === 0 || bulkId === undefined || !('method' in task)) return
  if (step.awaits.some((each) => job.creations.get(each)?.state === 'running' && !isOver(job))) return
  const operations = step.aside.map((each) => ({ op: 'add', ...each }))
  const id = job.ids.get(bulkId) ?? ''
  step.aside = []
  try {
    const missing = step.awaits.find((each) => !job.ids.has(each))
    if (missing !== undefined) throw unresolved(missing)
    const data = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: operations,
    }
    const reply = await patchOne(task.type)(callOf(job, { ...task, version: undefined, id }, data))
    const version = reply.headers?.['etag']
    if (step.result && version !== undefined) step.result = { ...step.result, version }
  } catch (error) {
    await deleteOne(task.type)(callOf(job, { ...task, version: undefined, id }, undefined)).catch(
      (cause: unknown) => replyTo(cause, asked(job), job.call.ctx.log),
    )
    job.ids.delete(bulkId)
    fail(job, step, error)
  }
}
