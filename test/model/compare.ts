import { deepStrictEqual } from 'node:assert/strict'
import { asText, isDoc, listOf } from './model/attributes.ts'
import type { Doc, Json } from './model/attributes.ts'
import { Refusal } from './model/refusal.ts'

/** @throws Error that says what differs */
export function same(actual: unknown, expected: unknown, what: string): void {
  try {
    deepStrictEqual(plain(actual), plain(expected))
  } catch (error) {
    const how = error instanceof Error ? error.message : ''
    throw new Error(`${what}: the server (+) and the model (-) differ\n${how}`)
  }
}

/** Fresh JSON: the objects of Jest have other prototypes than those of Node. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null))

/** Whether an answer is the error that the model expects, or none if it expects none. */
export function sameOutcome(status: number, body: unknown, expected: unknown, what: string): void {
  const { scimType, detail } = (body ?? {}) as { scimType?: string; detail?: string }
  if (expected instanceof Refusal) {
    same([status, scimType], [expected.status, expected.scimType], `${what}\n${detail ?? ''}`)
  } else if (status >= 300) {
    same(`${status} ${scimType ?? ''} ${detail ?? ''}`, 'a success', what)
  }
}

/** A representation as it is compared: who is in it in the order of ids, and without what is made of addresses. */
export function comparable({ members, groups, ...others }: Doc): Doc {
  return {
    ...others,
    ...(listOf(members).length > 0 && { members: byId(members) }),
    ...(listOf(groups).length > 0 && { groups: byId(groups) }),
  }
}

function byId(values: Json | undefined): Json[] {
  const id = ({ value = '' }: Doc): string => asText(value)
  return listOf(values)
    .flatMap((each) => (isDoc(each) ? [withoutRef(each)] : []))
    .toSorted((left, right) => (id(left) < id(right) ? -1 : 1))
}

const withoutRef = ({ $ref: _, ...others }: Doc): Doc => others

/** The same without what only the server can say. */
export function withoutMeta({ meta: _, ...others }: Doc): Doc {
  return others
}

/** A request in a line. */
export const requestLine = (method: string, path: string, body?: unknown): string =>
  `${method} ${path} ${body === undefined ? '' : JSON.stringify(body)}`
