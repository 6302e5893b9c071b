import type { ResourceType, StoredType } from '../../../schemas/definition.ts'
import type { Registry } from '../../../schemas/registry.ts'
import { openCursor, sealCursor } from '../../provision/cursor.ts'
import { recentlyInForce } from '../../provision/in-force.ts'
import { countQuirks } from '../../provision/quirks.ts'
import {
  findPage,
  findPageOfAll,
  type Found,
  type PageQuery,
  type Part,
  type Place,
  type PlaceOfEither,
} from '../../provision/read.ts'
import { scimBase } from '../../provision/scim-base.ts'
import { invalidValue, ScimError } from '../../scim/error.ts'
import { parseFilter } from '../../scim/filter/parse.ts'
import { listResponse } from '../../scim/list.ts'
import { openLedger, type Ledger } from '../../scim/quirks/ledger.ts'
import { textShape } from '../../scim/quirks/request-shape.ts'
import { parseProjection, type Projection } from '../../scim/resource/project.ts'
import { readSearchRequest, type Query } from '../../scim/search-request.ts'
import { parseSort, parseSortAmong } from '../../scim/sort.ts'
import type { Reply } from '../reply.ts'
import { parameter, wholeNumber, type ScimCall, type ScimHandler } from './call.ts'
import { projected, showsReferences, textOf } from './represent.ts'
import { strictnessOf } from './strictness.ts'

type Name = ResourceType['name']

/** Resources on a page when the client does not say how many, and at most (`filter.maxResults`). */
export const PAGE = { usual: 100, most: 1000 } as const

/** GET of a list (RFC 7644 §3.4.2). */
export const listResources =
  (name: Name): ScimHandler =>
  (call) =>
    answerList(call, name, queryInAddress(call))

/** POST to `/.search` of a type (RFC 7644 §3.4.3): the same list, asked for without an address that gets into logs. */
export const searchResources =
  (name: Name): ScimHandler =>
  async (call) =>
    answerList(call, name, readSearchRequest(call.body))

/** GET of the root: all resources that the directory has (RFC 7644 §3.4.2.1). */
export const listEverything: ScimHandler = async (call) => answerEverything(call, queryInAddress(call))

/** POST to `/.search` of the root. */
export const searchEverything: ScimHandler = async (call) =>
  answerEverything(call, readSearchRequest(call.body))

function queryInAddress(call: ScimCall): Query {
  return {
    attributes: parameter(call, 'attributes'),
    excludedAttributes: parameter(call, 'excludedAttributes'),
    filter: parameter(call, 'filter'),
    sortBy: parameter(call, 'sortBy'),
    sortOrder: parameter(call, 'sortOrder'),
    startIndex: wholeNumber(call, 'startIndex'),
    count: wholeNumber(call, 'count'),
    cursor: parameter(call, 'cursor'),
  }
}

async function answerList(call: ScimCall, name: Name, query: Query): Promise<Reply> {
  const { registry, revision } = await recentlyInForce(call.ctx)
  const type = registry.resourceType(name)
  const projection = parseProjection(query, type)
  const ledger = openLedger(await strictnessOf(call))
  const filter = query.filter === undefined ? undefined : parseFilter(query.filter, type, ledger)
  const sort = parseSort(query, type)
  const paging = pagingOf<Place>(call, query, name)
  const reading = { directoryId: call.directoryId, withReferences: showsReferences(name, projection) }
  const page = await findPage(call.ctx, name, reading, { revision, filter, sort, ...paging.query })
  countFilter(call, query, ledger)
  return paging.answer(page, () => ({ projection, type }))
}

async function answerEverything(call: ScimCall, query: Query): Promise<Reply> {
  const { registry, revision } = await recentlyInForce(call.ctx)
  const ledger = openLedger(await strictnessOf(call))
  const user = partOf(registry, 'User', query, ledger)
  const group = partOf(registry, 'Group', query, ledger)
  const paging = pagingOf<PlaceOfEither>(call, query, 'all')
  const page = await findPageOfAll(
    call.ctx,
    call.directoryId,
    { User: user, Group: group },
    { revision, descending: query.sortOrder === 'descending', ...paging.query },
  )
  countFilter(call, query, ledger)
  return paging.answer(page, (found) => ('userName' in found ? user : group))
}

function partOf(registry: Registry, name: StoredType, query: Query, ledger: Ledger): Part & Shown {
  const type = registry.resourceType(name)
  const others = [registry.resourceType(name === 'User' ? 'Group' : 'User')]
  const projection = parseProjection(query, type)
  return {
    filter: query.filter === undefined ? undefined : parseFilter(query.filter, type, ledger, others),
    sort: parseSortAmong(query, type, others),
    withReferences: showsReferences(name, projection),
    projection,
    type,
  }
}

/** Counts what was made allowance for in the filter of a list that is answered. */
function countFilter({ ctx, directoryId }: ScimCall, { filter = '' }: Query, ledger: Ledger): void {
  countQuirks(ctx, { directoryId, shape: () => `filter=${textShape(filter)}` }, ledger.notices())
}

/** How a resource is shown. */
interface Shown {
  readonly projection: Projection | undefined
  readonly type: ResourceType
}

interface Paging<At> {
  readonly query: Omit<PageQuery<At>, 'revision'>
  answer(
    page: { readonly total: number; readonly resources: readonly Found[]; readonly next?: At | undefined },
    shown: (found: Found) => Shown,
  ): Reply
}

/** Which page is meant, by its index or by a cursor (RFC 9865), and how it is answered. */
function pagingOf<At>(call: ScimCall, query: Query, list: string): Paging<At> {
  const { startIndex, cursor } = query
  if (cursor !== undefined && startIndex !== undefined) {
    throw invalidValue('`startIndex` and `cursor` cannot be used together')
  }
  const bound = boundOf(call, query, list)
  const opened = cursor ? openCursor<At>(call.ctx, bound, cursor) : undefined
  const asked = query.count === undefined ? undefined : Math.min(PAGE.most, Math.max(0, query.count))
  if (opened !== undefined && asked !== undefined && asked !== opened.count) {
    throw new ScimError(
      400,
      `the pages of this cursor hold ${opened.count} resources, so \`count\` cannot be ${query.count}`,
      'invalidCount',
    )
  }
  const count = asked ?? opened?.count ?? PAGE.usual
  const first = Math.max(1, startIndex ?? 1)
  return {
    query: cursor === undefined ? { startIndex: first, count } : { after: opened?.place ?? 'start', count },
    answer({ total, resources, next }, shown) {
      const base = scimBase(call.ctx)
      const place =
        cursor === undefined
          ? { startIndex: first }
          : next !== undefined && { nextCursor: sealCursor(call.ctx, bound, { count, place: next }) }
      return {
        status: 200,
        type: call.type,
        body: listResponse({
          totalResults: total,
          resources: resources.map((found) => {
            const { projection, type } = shown(found)
            return projected(textOf(found, base), projection, type)
          }),
          ...place,
        }),
      }
    },
  }
}

/** What is the same on all pages that cursors join. */
function boundOf(call: ScimCall, query: Query, list: string): string {
  const { filter, sortBy, sortOrder, attributes, excludedAttributes } = query
  return JSON.stringify([
    call.directoryId,
    list,
    ...[filter, sortBy, sortOrder, attributes, excludedAttributes].map((each) => each ?? null),
  ])
}
