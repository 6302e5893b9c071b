import { comparable, requestLine, same, sameOutcome } from './compare.ts'
import type { Doc } from './model/attributes.ts'
import { list } from './model/list.ts'
import type { Query } from './model/list.ts'
import { Refusal } from './model/refusal.ts'
import { show } from './model/world.ts'
import { fill, tagOf } from './places.ts'
import type { ListStep, ReadStep } from './plays/steps.ts'
import type { Answer, ListAnswer, Scene } from './scene.ts'
import { filterText, pathText } from './wire-text.ts'
import type { Style } from './wire-text.ts'

/** Reads one resource. */
export async function playRead(scene: Scene, step: ReadStep): Promise<void> {
  const { directory, world, counts } = scene
  const { type, id } = fill(step, scene)
  const tag = tagOf(scene, id, step.ifNoneMatch)
  const path = `/${type}s/${id}`
  const what = requestLine('GET', path)
  const answer = await directory.call(
    'GET',
    path,
    undefined,
    tag === undefined ? {} : { 'If-None-Match': tag },
  )
  counts.answers += 1
  const resource = world.resources.find((each) => each.id === id && each.type === type)
  if (resource === undefined) return sameOutcome(answer.status, answer.json, new Refusal(404), what)
  const isKnown = tag === '*' || tag === resource.meta['version']
  same(answer.status, isKnown ? 304 : 200, what)
  same(answer.headers['etag'], resource.meta['version'], what)
  if (!isKnown) same(comparable(answer.json as Doc), comparable(show(world, resource)), what)
}

/** Asks for a list, and compares who is on it and how they are shown. */
export async function playList(scene: Scene, step: ListStep): Promise<void> {
  const { world, counts } = scene
  const query = fill(step.query, scene)
  const asked: Asked = { type: query.type, parameters: parametersOf(query, step.style), by: step.by }
  const expected = expectation(() => list(world, query))
  if (query.filter) counts.filters += 1
  if (step.by === 'cursor') return walk(scene, asked, expected)
  const { status, json } = await ask(scene, asked)
  const what = requestLine(asked.by, `/${query.type}s`, asked.parameters)
  sameOutcome(status, json, expected, what)
  if (expected instanceof Refusal) return
  const { totalResults, itemsPerPage, Resources } = json as ListAnswer
  same([totalResults, itemsPerPage], [expected.all.length, Resources.length], what)
  same(Resources.map(comparable), expected.page.map(comparable), what)
}

interface Asked {
  readonly type: string
  readonly parameters: Doc
  readonly by: ListStep['by']
}

function expectation<T>(work: () => T): T | Refusal {
  try {
    return work()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
}

function ask({ directory, counts }: Scene, { type, parameters, by }: Asked): Promise<Answer> {
  counts.answers += 1
  if (by === 'POST') {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest']
    return directory.call('POST', `/${type}s/.search`, { schemas, ...parameters })
  }
  const address = new URLSearchParams(parameters as Record<string, string>).toString()
  return directory.call('GET', `/${type}s?${address}`)
}

/** From page to page by cursors (RFC 9865): everything comes once, and in order. */
async function walk(scene: Scene, asked: Asked, expected: { readonly all: Doc[] } | Refusal): Promise<void> {
  const { startIndex: _, ...parameters } = asked.parameters
  const count = Math.max(1, Number(parameters['count'] ?? 2))
  const what = requestLine('cursor', `/${asked.type}s`, parameters)
  const found: Doc[] = []
  let cursor: string | undefined = ''
  while (cursor !== undefined) {
    const { status, json } = await ask(scene, { ...asked, parameters: { ...parameters, count, cursor } })
    sameOutcome(status, json, expected, what)
    if (expected instanceof Refusal) return
    const { totalResults, Resources, nextCursor } = json as ListAnswer
    same(totalResults, expected.all.length, what)
    const isFull = Resources.length === count
    same([isFull || nextCursor === undefined, Resources.length <= count], [true, true], `${what}\na page`)
    found.push(...Resources)
    cursor = nextCursor
  }
  if (!(expected instanceof Refusal)) same(found.map(comparable), expected.all.map(comparable), what)
}

function parametersOf(query: Query, style: Style): Doc {
  const { type, filter, sortBy, descending, startIndex, count } = query
  return {
    ...(filter && { filter: filterText(filter, type, style) }),
    ...(sortBy && { sortBy: pathText(sortBy, type, style) }),
    ...(descending !== undefined && { sortOrder: descending ? 'descending' : 'ascending' }),
    ...(startIndex !== undefined && { startIndex }),
    ...(count !== undefined && { count }),
  }
}
