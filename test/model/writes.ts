import { comparable, requestLine, same, sameOutcome, withoutMeta } from './compare.ts'
import { asText, isDoc } from './model/attributes.ts'
import type { Doc, Json, TypeName } from './model/attributes.ts'
import type { Operation } from './model/patch.ts'
import { Refusal } from './model/refusal.ts'
import { show } from './model/world.ts'
import { write } from './model/write.ts'
import type { Write } from './model/write.ts'
import { fill, tagOf } from './places.ts'
import type { EchoStep, WriteStep } from './plays/steps.ts'
import type { Scene } from './scene.ts'
import { recased, targetText } from './wire-text.ts'
import type { Style } from './wire-text.ts'

/** Sends a change, and compares its answer. */
export async function playWrite(scene: Scene, step: WriteStep): Promise<void> {
  const { directory, world, counts } = scene
  const request = requestOf(fill(step, scene))
  const tag = 'id' in request && 'ifMatch' in step ? tagOf(scene, request.id, step.ifMatch) : undefined
  const wire = wireOf(request, step.style)
  const { status, headers, json } = await directory.call(
    wire.method,
    wire.path,
    wire.body,
    tag === undefined ? {} : { 'If-Match': tag },
  )
  const body = isDoc(json as Json) ? (json as Doc) : {}
  const what = requestLine(wire.method, wire.path, wire.body)
  const outcome = attempt(scene, request, asText(body['id'] ?? ''), tag)
  counts.operations += 1
  counts.answers += 1
  sameOutcome(status, json, outcome, what)
  if (outcome instanceof Refusal) return
  same(status, statusOf(request), what)
  const resource = world.resources.find(({ id }) => id === outcome)
  if (resource === undefined || status === 204) return
  same(withoutMeta(comparable(body)), withoutMeta(comparable(show(world, resource))), what)
  same(headers['etag'], (body['meta'] as Doc)['version'], what)
}

/** A PATCH of a group is answered without the group. */
function statusOf({ kind, type }: Write): number {
  if (kind === 'create') return 201
  return kind === 'delete' || (kind === 'patch' && type === 'Group') ? 204 : 200
}

/** What the model makes of a change: the id of the resource, or the error. */
export function attempt(
  { world, gone, tags }: Scene,
  request: Write,
  newId: string,
  tag: string | undefined,
): string | Refusal {
  const known = tags.get('id' in request ? request.id : '')
  const rev = tag === undefined || tag === '*' ? tag : (known?.get(tag)?.rev ?? -1)
  try {
    const id = write(world, request, { newId, rev })
    if (request.kind === 'delete') gone.push(id)
    return id
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

/** What is shown of a resource as the body of a PUT, several values in the reverse order. */
export function echoOf(scene: Scene, step: EchoStep): WriteStep {
  const { type, id, style } = fill(step, scene)
  const shown = scene.world.resources.find((each) => each.id === id)
  const body = shown === undefined ? {} : show(scene.world, shown)
  const entries = Object.entries(body).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.toReversed() : value,
  ])
  return { kind: 'replace', type, id, body: Object.fromEntries(entries) as Doc, style }
}

/** A step without what is not the model's to know. */
export function requestOf(step: WriteStep): Write {
  const { style: _style, ...request } = step
  if (!('ifMatch' in request)) return request
  const { ifMatch: _ifMatch, ...others } = request
  return others
}

/** A change as it is sent. */
export interface Wire {
  readonly method: string
  /** Below the base of SCIM. */
  readonly path: string
  readonly body?: Json
}

export function wireOf(request: Write, style: Style): Wire {
  const path = `/${request.type}s`
  switch (request.kind) {
    case 'create':
      return { method: 'POST', path, body: recased(request.body, style) }
    case 'replace':
      return { method: 'PUT', path: `${path}/${request.id}`, body: recased(request.body, style) }
    case 'patch':
      return {
        method: 'PATCH',
        path: `${path}/${request.id}`,
        body: {
          schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
          Operations: request.operations.map((each) => operationOf(each, request.type, style)),
        },
      }
    case 'delete':
      return { method: 'DELETE', path: `${path}/${request.id}` }
  }
}

function operationOf({ op, target, value, keys }: Operation, type: TypeName, style: Style): Doc {
  // A key is a name, and only by allowance a path: it bears no URN that it needs not.
  const named = keys?.map(([key, each]) => [
    targetText(key, type, { ...style, urns: false }),
    recased(each, style),
  ])
  return {
    op,
    ...(target && { path: targetText(target, type, style) }),
    ...(value !== undefined && { value: recased(value, style) }),
    ...(named && { value: Object.fromEntries(named) as Doc }),
  }
}
