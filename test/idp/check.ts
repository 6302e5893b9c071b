import { expect } from '@jest/globals'
import type { WireResponse } from '../support/wire.ts'
import { differences, nulls, valueAt } from '../../src/cli/doctor/differences.ts'
import type { Check } from './fixture.ts'
import { isObject, mergePatch } from '../../src/provision/edit/merge-patch.ts'
import type { Stage } from './stage.ts'

/** What a check may look at beside the answer. */
export interface Sight {
  readonly stage: Stage
  /** The answer to the same GET before the request was played. */
  readonly before?: WireResponse | undefined
  /** Answers of pages that were read earlier. */
  readonly earlier?: readonly WireResponse[]
}

/** Holds an answer against the checks of a fixture (the table in `fixtures/idp/README.md`). */
export function checkAnswer(answer: WireResponse, check: Partial<Check>, sight: Sight): void {
  const { stage } = sight
  if (check.created !== undefined) stage.ids.set(check.created, idOf(answer.json))
  const wanted = stage.fill(check)
  const idsOf = (names: readonly string[]): string[] =>
    names.map((name) => stage.ids.get(name) ?? name).toSorted(byText)

  if (wanted.has !== undefined) expect(differences(answer.json, wanted.has)).toEqual([])
  if (wanted.contains !== undefined) expect(differences(answer.json, wanted.contains, true)).toEqual([])
  for (const path of wanted.lacks ?? []) expect([path, valueAt(answer.json, path)]).toEqual([path, undefined])
  if (wanted.changes !== undefined) checkChanges(answer, wanted.changes, sight.before)
  if (check.resources) expect(idsIn(valueAt(answer.json, 'Resources'), 'id')).toEqual(idsOf(check.resources))
  if (check.members)
    expect(idsIn(valueAt(answer.json, 'members') ?? [], 'value')).toEqual(idsOf(check.members))
  if (wanted.together !== undefined) checkTogether([...(sight.earlier ?? []), answer], wanted.together)
  for (const [path, least] of Object.entries(wanted.atLeast ?? {}))
    expect(valueAt(answer.json, path)).toBeGreaterThanOrEqual(least)
  for (const text of wanted.says ?? []) expect(valueAt(answer.json, 'detail')).toContain(text)
  for (const name of wanted.headers ?? []) expect(answer.headers[name]).toMatch(/\S/)
  if (wanted.within !== undefined) expect(answer.milliseconds).toBeLessThan(wanted.within)
}

/** What the answer to a token request has to be (RFC 6749 §5.1). */
export function checkTokenForm(answer: WireResponse): void {
  expect(answer.headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/json\b/),
    'cache-control': 'no-store',
    pragma: 'no-cache',
  })
  expect(nulls(answer.json)).toEqual([])
}

/** What every answer has to be, whatever was asked (RFC 7644 §3.8, §3.12, §3.4.2; RFC 7643 §2.5). */
export function checkForm(answer: WireResponse, accept: string | null | undefined): void {
  if (answer.status === 204) {
    expect(answer.text).toBe('')
    return
  }
  const type = accept === 'application/json' ? 'application/json' : 'application/scim+json'
  expect(answer.headers['content-type']?.split(';')[0]).toBe(type)
  expect(nulls(answer.json)).toEqual([])
  const schemas = valueAt(answer.json, 'schemas')
  if (answer.status >= 400) {
    expect(schemas).toEqual(['urn:ietf:params:scim:api:messages:2.0:Error'])
    expect(valueAt(answer.json, 'status')).toBe(String(answer.status))
    expect(valueAt(answer.json, 'detail')).toMatch(/\S/)
  }
  if (Array.isArray(schemas) && schemas.includes('urn:ietf:params:scim:api:messages:2.0:ListResponse')) {
    const resources = valueAt(answer.json, 'Resources')
    expect(resources).toBeInstanceOf(Array)
    expect(valueAt(answer.json, 'totalResults')).toEqual(expect.any(Number))
    if (valueAt(answer.json, 'itemsPerPage') !== undefined)
      expect(resources).toHaveLength(Number(valueAt(answer.json, 'itemsPerPage')))
  }
  if (answer.status === 201) expect(answer.headers.location).toBe(valueAt(answer.json, 'meta/location'))
}

function checkChanges(answer: WireResponse, patch: object, before: WireResponse | undefined): void {
  expect(before?.status).toBe(200)
  const nothing = Object.keys(patch).length === 0
  const plain = (body: unknown): unknown => (nothing ? body : withoutVersion(body))
  expect(plain(answer.json)).toEqual(plain(mergePatch(before?.json, patch)))
}

/** A body without what every change touches; `schemas` is a set, so its order is taken away. */
function withoutVersion(body: unknown): unknown {
  if (!isObject(body)) return body
  const { meta, schemas, ...rest } = body
  const { version: _version, lastModified: _lastModified, ...lasting } = isObject(meta) ? meta : {}
  return { ...rest, meta: lasting, schemas: new Set(Array.isArray(schemas) ? schemas : []) }
}

function checkTogether(pages: readonly WireResponse[], count: number): void {
  const ids = pages.flatMap((page) => idsIn(valueAt(page.json, 'Resources') ?? [], 'id'))
  expect(ids).toHaveLength(count)
  expect(new Set(ids).size).toBe(count)
}

function idOf(body: unknown): string {
  const id = valueAt(body, 'id')
  if (typeof id !== 'string') throw new Error(`no id in ${JSON.stringify(body)}`)
  return id
}

function idsIn(list: unknown, name: string): string[] {
  expect(list).toBeInstanceOf(Array)
  return Array.isArray(list) ? list.map((element) => String(valueAt(element, name))).toSorted(byText) : []
}

const byText = (a: string, b: string): number => (a < b ? -1 : Number(a > b))
