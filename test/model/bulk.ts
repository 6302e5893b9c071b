import { requestLine, same, sameOutcome } from './compare.ts'
import type { Doc, Json } from './model/attributes.ts'
import { Refusal } from './model/refusal.ts'
import type { Write } from './model/write.ts'
import { changeTexts, fill, tagOf } from './places.ts'
import type { BulkStep } from './plays/steps.ts'
import type { Scene } from './scene.ts'
import { attempt, requestOf, wireOf } from './writes.ts'
import type { Wire } from './writes.ts'

/** Sends changes in one bulk request, which may refer to what others of them create, and compares the results. */
export async function playBulk(scene: Scene, { writes, failOnErrors = Infinity }: BulkStep): Promise<void> {
  const { directory, counts } = scene
  const sent = writes.map((step, at): Sent => {
    // A creation refers to none that comes later, so that there are no circles.
    const coming = writes.map((each, place) =>
      each.kind === 'create' && (step.kind !== 'create' || place < at) ? each.type : undefined,
    )
    const request = requestOf(fill(step, scene, coming))
    const isKnown = 'id' in request && !request.id.startsWith('bulkId:')
    const tag = isKnown && 'ifMatch' in step ? tagOf(scene, request.id, step.ifMatch) : undefined
    return { request, tag, wire: wireOf(request, step.style) }
  })
  const body: Doc = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    ...(failOnErrors < Infinity && { failOnErrors }),
    Operations: sent.map(operationOf),
  }
  const what = requestLine('POST', '/Bulk', body)
  const answer = await directory.call('POST', '/Bulk', body)
  same(answer.status, 200, what)
  const results = (answer.json as { Operations: Result[] }).Operations
  const outcomes = perform(scene, sent, results, failOnErrors).filter((each) => each !== undefined)
  same(results.length, outcomes.length, what)
  for (const [at, { status, response }] of results.entries()) {
    sameOutcome(Number(status), response, outcomes[at], `${what}\nresult ${at}`)
  }
  counts.operations += outcomes.length
  counts.answers += outcomes.length
}

interface Sent {
  readonly request: Write
  readonly tag: string | undefined
  readonly wire: Wire
}

interface Result {
  readonly status: string
  readonly bulkId?: string
  readonly location?: string
  readonly response?: unknown
}

function operationOf({ request, tag, wire: { method, path, body } }: Sent, at: number): Doc {
  return {
    method,
    path,
    ...(request.kind === 'create' && { bulkId: `b${at}` }),
    ...(tag !== undefined && { version: tag }),
    ...(body !== undefined && { data: body }),
  }
}

type Outcome = string | Refusal | undefined

/** Creations that others refer to go in front of these; after so many errors nothing more is done. */
function perform(scene: Scene, sent: readonly Sent[], results: readonly Result[], most: number): Outcome[] {
  const outcomes: Outcome[] = sent.map(() => undefined)
  const isOver = (): boolean => outcomes.filter((each) => each instanceof Refusal).length >= most
  const performOne = ({ request, tag }: Sent, at: number): void => {
    if (outcomes[at] !== undefined || isOver()) return
    const needed = Array.from(JSON.stringify(request).matchAll(/bulkId:b(\d+)/g), ([, place]) =>
      Number(place),
    )
    for (const place of needed.toSorted((left, right) => left - right)) performOne(sent[place] as Sent, place)
    if (isOver()) return
    const isMissing = needed.some((place) => typeof outcomes[place] !== 'string')
    const location = results.find(({ bulkId }) => bulkId === `b${at}`)?.location
    outcomes[at] = isMissing
      ? new Refusal(400, 'invalidValue')
      : attempt(scene, withIds(request, outcomes), location?.split('/').at(-1) ?? '', tag)
  }
  sent.forEach(performOne)
  return outcomes
}

const withIds = (request: Write, outcomes: readonly Outcome[]): Write =>
  changeTexts(request as unknown as Json, (text) =>
    text.replace(/^bulkId:b(\d+)$/, (_, place: string) => String(outcomes[Number(place)])),
  ) as unknown as Write
