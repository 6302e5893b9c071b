import fc, { type Arbitrary } from 'fast-check'
import type { Doc, Path, TypeName } from '../model/attributes.ts'
import type { Query } from '../model/list.ts'
import type { Operation } from '../model/patch.ts'
import type { Style } from '../wire-text.ts'
import { BODIES } from './bodies.ts'
import { COMPARED, filterOf } from './filters.ts'
import { maybe, mostly, one, record } from './odds.ts'
import { OPERATIONS } from './operations.ts'
import { about, gone } from './values.ts'

/** One step of a play. Who it is about stands in it as a text such as `@User:3`. */
export type Step = WriteStep | EchoStep | AgainStep | ListStep | ReadStep | BulkStep

export type WriteStep = Create | Replace | Patch | Delete

/** `@present`, `@past` or `*`. */
type Tag = string

interface Creation {
  readonly type: TypeName
  readonly style: Style
}
interface About extends Creation {
  readonly id: string
  readonly ifMatch?: Tag
}
interface Create extends Creation {
  readonly kind: 'create'
  readonly body: Doc
}
interface Replace extends About {
  readonly kind: 'replace'
  readonly body: Doc
}
interface Patch extends About {
  readonly kind: 'patch'
  readonly operations: readonly Operation[]
}
interface Delete extends About {
  readonly kind: 'delete'
}

/** What was read is sent back by a PUT, as some providers do, several values in another order. */
export interface EchoStep {
  readonly kind: 'echo'
  readonly type: TypeName
  readonly id: string
  readonly style: Style
}

/** The last change once more. */
export interface AgainStep {
  readonly kind: 'again'
}

export interface ReadStep {
  readonly kind: 'read'
  readonly type: TypeName
  readonly id: string
  readonly ifNoneMatch?: Tag
}

export interface ListStep {
  readonly kind: 'list'
  readonly query: Query
  /** By an address, by a body, or by cursors from page to page. */
  readonly by: 'GET' | 'POST' | 'cursor'
  readonly style: Style
}

export interface BulkStep {
  readonly kind: 'bulk'
  readonly writes: readonly WriteStep[]
  readonly failOnErrors?: number
}

const style: Arbitrary<Style> = fc.record({
  letters: mostly<Style['letters']>(one('usual'), one('upper', 'lower'), 4),
  urns: mostly(one(false), one(true), 4),
  brackets: fc.boolean(),
})
const anyType = one<TypeName>('User', 'User', 'Group')
const who = (type: TypeName): Arbitrary<string> =>
  fc.oneof(
    { arbitrary: about(type), weight: 24 },
    { arbitrary: fc.oneof(gone, about('User', 'Group')), weight: 1 },
  )
const tag = maybe(one('@present', '@past', '*'), 1)

const creates = anyType.chain((type) =>
  record<Create>({ kind: one('create'), type: one(type), body: BODIES[type], style }),
)

const writes = anyType.chain((type): Arbitrary<WriteStep> => {
  const usual = { type: one(type), id: who(type), ifMatch: tag, style }
  return fc.oneof(
    { arbitrary: creates, weight: 3 },
    { arbitrary: record<Replace>({ kind: one('replace'), body: BODIES[type], ...usual }), weight: 3 },
    { arbitrary: record<Patch>({ kind: one('patch'), operations: OPERATIONS[type], ...usual }), weight: 10 },
    { arbitrary: record<Delete>({ kind: one('delete'), ...usual }), weight: 1 },
  )
})

const echoes = anyType.chain((type) =>
  record<EchoStep>({ kind: one('echo'), type: one(type), id: who(type), style }),
)

const reads = anyType.chain((type) =>
  record<ReadStep>({ kind: one('read'), type: one(type), id: who(type), ifNoneMatch: tag }),
)

const FILTERS = { User: filterOf('User'), Group: filterOf('Group') }
const queries = anyType.chain((type) =>
  record<Query>({
    type: one(type),
    filter: maybe(FILTERS[type], 8),
    sortBy: maybe(mostly<Path>(one(...COMPARED[type]), one(['name'], ['color']), 30)),
    descending: maybe(fc.boolean()),
    startIndex: maybe(fc.integer({ min: -1, max: 5 }), 1),
    count: maybe(fc.integer({ min: -1, max: 4 }), 1),
  }),
)
const lists = record<ListStep>({
  kind: one('list'),
  query: queries,
  by: one('GET', 'GET', 'POST', 'cursor'),
  style,
})

const bulks = record<BulkStep>({
  kind: one('bulk'),
  writes: fc.array(writes, { minLength: 1, maxLength: 5 }),
  failOnErrors: maybe(fc.integer({ min: 1, max: 2 }), 1),
})

/** A play: who is there from the start, and what happens then. */
export const plays: Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(creates, { maxLength: 12, size: 'max' }),
    fc.array(
      fc.oneof(
        { arbitrary: writes, weight: 10 },
        { arbitrary: lists, weight: 8 },
        { arbitrary: one<AgainStep>({ kind: 'again' }), weight: 1 },
        { arbitrary: echoes, weight: 1 },
        { arbitrary: reads, weight: 1 },
        { arbitrary: bulks, weight: 1 },
      ),
      { maxLength: 50, size: 'max' },
    ),
  )
  .map(([first, then]) => [...first, ...then])
