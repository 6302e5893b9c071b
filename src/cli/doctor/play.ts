import type { Conversation, Headers, Hope, Json, Look, Scene, Step, Wanted } from './conversation.ts'
import { valueAt } from './differences.ts'
import { faultsOf, idsIn, isEmpty } from './faults.ts'
import { Silent } from './line.ts'
import type { Answer, Line, Request } from './line.ts'
import { openMade } from './made.ts'
import { mergePatch } from '../../provision/edit/merge-patch.ts'
import { fill, fillPath, fillText, keptAs, Missing } from './script.ts'
import type { Script } from './script.ts'

/** One request with its answer; there is none when the server was silent. */
export interface Exchange {
  readonly request: Request
  readonly answer?: Answer
}

/** A step that did not go as the client needs it. */
export interface Failure {
  readonly scene: string
  readonly does: string
  readonly faults: readonly string[]
  /** The client's request, and the doctor's look at the state afterwards if that is where it shows. */
  readonly exchanges: readonly Exchange[]
}

/** A step that could not be played, because an earlier one failed. */
export interface Skip {
  readonly scene: string
  readonly does: string
  readonly why: string
}

/** What a client would miss of a resource that was there before. */
export interface Hint {
  readonly scene: string
  readonly does: string
  readonly lacks: readonly string[]
  readonly advice: string
}

/** How a conversation went. */
export interface Played {
  readonly name: string
  readonly title: string
  readonly requests: number
  readonly passed: number
  readonly failures: readonly Failure[]
  readonly skipped: readonly Skip[]
  readonly hints: readonly Hint[]
  /** Places of what could not be removed. */
  readonly left: readonly string[]
  readonly milliseconds: number
}

export interface Stage {
  readonly line: Line
  /** A text that names of users and groups carry, another one each time. */
  readonly run: string
  /** Ends the conversation after the request that is under way. */
  readonly signal?: AbortSignal
  readonly report?: (done: number, total: number) => void
}

/**
 * Plays a conversation against a server and removes what it made there, whatever happens.
 *
 * A step that fails does not end it: the client would go on as well.
 */
export async function play(conversation: Conversation, stage: Stage): Promise<Played> {
  const { line, run, signal, report = () => {} } = stage
  const script: Script = {
    ids: new Map([
      ['run', run],
      ['base', line.base],
    ]),
    kept: new Map(),
  }
  const made = openMade()
  const started = performance.now()
  let requests = 0
  const exchange = async (request: Request): Promise<Exchange> => {
    requests += 1
    const answer = await line.send(request).catch((error: unknown) => {
      made.note(request, undefined)
      throw error
    })
    made.note(request, answer)
    return { request, answer }
  }
  const player: Player = { conversation, script, exchange }
  const failures: Failure[] = []
  const skipped: Skip[] = []
  const hints: Hint[] = []
  const total = conversation.scenes.reduce((sum, { steps }) => sum + steps.length, 0)
  let done = 0
  let passed = 0
  const playScene = async ({ name: scene, steps }: Scene): Promise<void> => {
    for (const step of steps) {
      if (signal?.aborted) return
      const { does } = step
      const found = await playStep(player, step).catch(missing)
      if (found instanceof Missing) skipped.push({ scene, does, why: `there is no ${found.what}` })
      else if (found.faults.length > 0) failures.push({ scene, does, ...found })
      else {
        passed += 1
        if (found.lacks && step.hopes) {
          hints.push({ scene, does, lacks: found.lacks, advice: step.hopes.advice })
        }
      }
      done += 1
      report(done, total)
    }
  }
  let left: string[] = []
  try {
    for (const [index, scene] of conversation.scenes.entries()) {
      script.ids.set('scene', String(index + 1))
      await playScene(scene)
    }
  } finally {
    left = await made.remove(line)
    report(total, total)
  }
  const { name, title } = conversation
  const milliseconds = performance.now() - started
  return { name, title, requests, passed, failures, skipped, hints, left, milliseconds }
}

interface Player {
  readonly conversation: Conversation
  readonly script: Script
  readonly exchange: (request: Request) => Promise<Exchange>
}

interface Found extends Pick<Failure, 'faults' | 'exchanges'> {
  /** What is missing of a resource that is not the conversation's. */
  readonly lacks?: readonly string[]
}

const nothing: Found = { faults: [], exchanges: [] }

function missing(error: unknown): Missing {
  if (error instanceof Missing) return error
  throw error
}

/** What a step shows; the client's own request comes first, and the state afterwards only when that was fine. */
async function playStep(player: Player, step: Step): Promise<Found> {
  const request = requestOf(player, step)
  const found = await ask(player, request, step)
  if (found.faults.length > 0) return found
  for (const look of step.after ?? []) {
    const seen = await lookAt(player, look)
    if (seen.faults.length > 0)
      return { faults: seen.faults, exchanges: [...found.exchanges, ...seen.exchanges] }
  }
  return (step.hopes && hopedFor(player, found, step.hopes)) ?? nothing
}

/** What a resource lacks; undefined when that is nothing. */
function hopedFor({ script }: Player, { exchanges }: Found, { of, filled }: Hope): Found | undefined {
  const resource = valueAt(exchanges[0]?.answer?.json, of)
  const lacking = filled.filter((place) => isEmpty(valueAt(resource, place)))
  if (lacking.length === 0) return undefined
  const isOurs = [...script.ids.values()].includes(String(valueAt(resource, 'id')))
  const lacks = lacking.map((place) => `/${of}/${place} is empty or absent`)
  return isOurs ? { faults: lacks, exchanges } : { faults: [], exchanges: [], lacks }
}

async function ask(player: Player, request: Request, step: Step): Promise<Found> {
  if (step.times !== undefined) return askAtOnce(player, request, step, step.times)
  if (step.pages !== undefined) return askPages(player, request, step, step.pages)
  if (step.announced !== undefined) return askAnnounced(player, request, step, step.announced)
  return askOnce(player, request, step)
}

async function askOnce(player: Player, request: Request, wanted: Wanted): Promise<Found> {
  try {
    const exchange = await player.exchange(request)
    return { faults: judge(player, exchange, wanted), exchanges: [exchange] }
  } catch (error) {
    if (error instanceof Silent) return { faults: [error.message], exchanges: [{ request }] }
    throw error
  }
}

/** The same request many times at once: what is wrong with the first one that is, or with their time. */
async function askAtOnce(
  player: Player,
  request: Request,
  { within, ...wanted }: Step,
  times: number,
): Promise<Found> {
  const started = performance.now()
  const all = await Promise.all(Array.from({ length: times }, () => askOnce(player, request, wanted)))
  const took = performance.now() - started
  const wrong = all.find(({ faults }) => faults.length > 0)
  if (wrong) return wrong
  const exchanges = all.slice(0, 1).flatMap((one) => one.exchanges)
  return within !== undefined && took > within
    ? { faults: [`${times} of it took ${Math.round(took)} ms and not ${within} at most`], exchanges }
    : { faults: [], exchanges }
}

/** Bounds a walk through a directory of any size. */
const MOST_PAGES = 50

async function askPages(
  player: Player,
  request: Request,
  wanted: Step,
  { size, holds = [] }: NonNullable<Step['pages']>,
): Promise<Found> {
  const ids: string[] = []
  let last: Found = nothing
  for (let page = 1, startIndex = 1; page <= MOST_PAGES; page += 1) {
    const path = request.path.replace('{startIndex}', String(startIndex))
    last = await askOnce(player, { ...request, path }, wanted)
    if (last.faults.length > 0) return last
    const json = last.exchanges[0]?.answer?.json
    const found = idsIn(valueAt(json, 'Resources'), 'id')
    const echoed = valueAt(json, 'startIndex')
    const faults = [
      ...(echoed === startIndex ? [] : [`startIndex is ${String(echoed)} and not ${startIndex} as asked`]),
      ...(size !== undefined && found.length > size ? [`the page holds ${found.length}, not ${size}`] : []),
      ...found
        .filter((id) => ids.includes(id))
        .slice(0, 1)
        .map((id) => `\`${id}\` is on two pages`),
    ]
    if (faults.length > 0) return { ...last, faults }
    ids.push(...found)
    startIndex += found.length
    const total = Number(valueAt(json, 'totalResults'))
    if (startIndex > total) {
      const lost = holds.filter((name) => !ids.includes(player.script.ids.get(name) ?? ''))
      return { ...last, faults: lost.map((name) => `${name} is on no page`) }
    }
    if (found.length === 0)
      return { ...last, faults: [`the pages end after ${ids.length}, and totalResults is ${total}`] }
  }
  return last
}

/** What is wrong with the first of the endpoints at which something is. */
async function askAnnounced(
  player: Player,
  request: Request,
  wanted: Wanted,
  { by, schemas }: NonNullable<Step['announced']>,
): Promise<Found> {
  const types = valueAt(player.script.kept.get(by), 'Resources')
  let last = nothing
  for (const type of Array.isArray(types) ? (types as unknown[]) : []) {
    if (!schemas.includes(String(valueAt(type, 'schema')))) continue
    const endpoint = String(valueAt(type, 'endpoint'))
    // RFC 7643 §6. What is no path would be another address.
    if (!endpoint.startsWith('/'))
      return { faults: [`the endpoint \`${endpoint}\` does not begin with \`/\``], exchanges: [] }
    last = await askOnce(
      player,
      { ...request, path: request.path.replace('{endpoint}', () => endpoint) },
      wanted,
    )
    if (last.faults.length > 0) return last
  }
  return last
}

/** Holds an answer against what is wanted, and takes over the ids and bodies that it names. */
function judge({ conversation, script }: Player, { request, answer }: Exchange, wanted: Wanted): string[] {
  if (answer === undefined) return []
  if (answer.status < 300 && answer.json !== undefined) {
    const name = wanted.creates ?? wanted.keeps
    if (name !== undefined) script.kept.set(name, answer.json)
    const id = valueAt(answer.json, 'id')
    if (wanted.creates !== undefined && typeof id === 'string') script.ids.set(wanted.creates, id)
  }
  const { patience } = conversation
  return faultsOf(script, request.method, answer, {
    ...(patience !== undefined && { within: patience }),
    ...wanted,
  })
}

function lookAt({ exchange, script, conversation }: Player, { at, ...wanted }: Look): Promise<Found> {
  const { patience: _patience, ...plain } = conversation
  const request = { method: 'GET', path: fillPath(script, at), headers: { Accept: 'application/scim+json' } }
  return askOnce({ exchange, script, conversation: plain }, request, wanted)
}

function requestOf({ conversation, script }: Player, step: Step): Request {
  const [method = '', path = ''] = step.send.split(/ (.*)/)
  const body = bodyOf(script, step)
  const headers: Headers = {
    ...conversation.headers,
    ...(body !== undefined && conversation.writes),
    ...step.headers,
  }
  return {
    method,
    path: withQuery(conversation, step.pages || step.announced ? path : fillPath(script, path)),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value && fillText(script, value)]),
    ),
    ...(body !== undefined && { body }),
  }
}

function bodyOf(script: Script, { body, over }: Step): unknown {
  const filled: Json | undefined = body === undefined ? undefined : fill(script, body)
  return over === undefined ? filled : mergePatch(keptAs(script, over), filled)
}

const withQuery = ({ query }: Conversation, path: string): string => {
  if (query === undefined) return path
  return `${path}${path.includes('?') ? '&' : '?'}${query}`
}
