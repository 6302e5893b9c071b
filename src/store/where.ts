import { sql, type Expression, type RawBuilder } from 'kysely'
import type { AttributeDefinition } from '../../schemas/definition.ts'
import type { Dialect } from '../../db/dialects/dialect.ts'
import { invalidFilter } from '../scim/error.ts'
import type { CompareOp, Filter } from '../scim/filter/filter.ts'
import { assumedAt, definitionAt, pathName, type AttrPath } from '../scim/path/path.ts'
import { MANAGER } from '../scim/resource/manager.ts'
import { prepare } from '../scim/resource/prepare.ts'
import { lookUpKey } from '../scim/resource/search.ts'
import { LONGEST_INDEXED_VALUE } from './user-values.ts'

/** A comparison, a leaf of a filter. */
export type Comparison = Extract<Filter, { kind: 'compare' }>

/** What a filter is compiled for. */
export interface WhereScope {
  readonly table: 'users' | 'groups'
  readonly dialect: Dialect
  readonly directoryId: Expression<string>
  /** The prepared literal of a comparison as it stands in the statement. */
  literal(comparison: Comparison): Expression<unknown>
}

type Condition = RawBuilder<boolean>

/**
 * Turns a filter into a condition over the rows of `users` or `groups`.
 *
 * Every filter becomes SQL that selects exactly what `evaluate` finds true, or is refused; nothing is loaded to be
 * filtered. The condition may be null where it is not true.
 *
 * @throws {ScimError} `invalidFilter` for what no row can tell: the URI of a resource, the version of a user
 */
export function where(filter: Filter, scope: WhereScope): Condition {
  return condition(filter, {
    dialect: scope.dialect,
    literal: scope.literal,
    source: (path) => resourceSource(path, scope),
    look: (comparison) => lookUp(comparison, scope),
  })
}

/**
 * Turns the filter of `members[…]` into a condition over one member: the tables `m` (members) and, outer joined, `mu`
 * (its user) and `mg` (its group).
 */
export function whereMember(filter: Filter, dialect: Dialect): Condition {
  return condition(filter, {
    dialect,
    literal: (comparison) => sql`${preparedLiteral(comparison)}`,
    source: (path) => ({ kind: 'one', operand: memberOperand(path, dialect) }),
  })
}

/**
 * The value that a resource is sorted by, null where it has none: of several values the primary one, or else the first
 * (RFC 7644 §3.4.2.3).
 */
export function sortValue(path: AttrPath, scope: Pick<WhereScope, 'table' | 'dialect'>): Expression<unknown> {
  const source = resourceSource(path, scope)
  if (source.kind === 'one') return source.operand
  const operand = source.operand(path)
  return sql`(select ${operand} ${source.from} and ${operand} is not null order by ${source.order} limit 1)`
}

/** The literal of a comparison in the form in which values are stored. The index over values holds texts only. */
export function preparedLiteral(comparison: Comparison): string | number {
  const prepared = prepare(comparison.value, definitionAt(comparison.path))
  if (isLookUp(comparison)) return String(prepared)
  return typeof prepared === 'boolean' ? Number(prepared) : prepared
}

/** Whether a comparison is answered by the index over values rather than by reading documents. */
export function isLookUp({ op, path, value }: Comparison): boolean {
  const definition = definitionAt(path)
  return (
    op === 'eq' && definition.indexed && String(prepare(value, definition)).length <= LONGEST_INDEXED_VALUE
  )
}

interface Context {
  readonly dialect: Dialect
  readonly literal: (comparison: Comparison) => Expression<unknown>
  /** Where the values at a path are found. */
  readonly source: (path: AttrPath) => Source
  /** A shorter way to the truth of a comparison, if there is one. */
  readonly look?: (comparison: Comparison) => Condition | undefined
}

/** The values at a path: one or none, or those of any number of elements. */
type Source =
  | { readonly kind: 'one'; readonly operand: Operand }
  | {
      readonly kind: 'many'
      /** The elements, for `from`, with what ties them to the row. */
      readonly from: RawBuilder<unknown>
      /** Their order, for `order by`: the primary one in front. */
      readonly order: RawBuilder<unknown>
      /** The value of an element at a path that begins with the same attribute. */
      readonly operand: (path: AttrPath) => Operand
    }

/** An expression that is null where there is no value. */
type Operand = Expression<unknown>

function condition(filter: Filter, context: Context): Condition {
  switch (filter.kind) {
    case 'and':
      return junction(filter.filters, sql` and `, 'true', context)
    case 'or':
      return junction(filter.filters, sql` or `, 'false', context)
    case 'not':
      // Null means not true; below `not` that has to be said.
      return sql`(not coalesce(${condition(filter.filter, context)}, false))`
    case 'present': {
      const source = context.source(filter.path)
      if (source.kind === 'one') return sql`(${source.operand} is not null)`
      return any(source, (operand) => sql`${operand(filter.path)} is not null`)
    }
    case 'compare':
      return context.look?.(filter) ?? comparison(filter, context)
    case 'element':
      return element(filter, context)
  }
}

function junction(
  filters: readonly Filter[],
  word: RawBuilder<unknown>,
  none: 'true' | 'false',
  context: Context,
): Condition {
  if (filters.length === 0) return sql.raw(none)
  return sql`(${sql.join(
    filters.map((filter) => condition(filter, context)),
    word,
  )})`
}

function comparison(filter: Comparison, context: Context): Condition {
  const source = context.source(filter.path)
  const literal = context.literal(filter)
  const assumed = assumedAt(filter.path)
  if (source.kind === 'one') return compare(filter.op, compared(source.operand), literal, context.dialect)
  const matches = any(source, (operand) =>
    compare(filter.op, present(compared(operand(filter.path))), literal, context.dialect),
  )
  if (filter.op !== 'ne') return matches
  return sql`(${matches} or not ${any(source, (operand) => sql`${compared(operand(filter.path))} is not null`)})`

  function compared(operand: Operand): Operand {
    return assumed === undefined ? operand : sql`coalesce(${operand}, ${sql.lit(Number(assumed))})`
  }

  // An element without the value is no value that differs.
  function present(operand: Operand): Operand {
    return filter.op === 'ne' ? sql`coalesce(${operand}, ${literal})` : operand
  }
}

type ElementFilter = Extract<Filter, { kind: 'element' }>

function element(filter: ElementFilter, context: Context): Condition {
  const matches = matchingElement(filter, context)
  const needed = neededRows(filter.filter, context)
  return needed === undefined ? matches : sql`(${needed} and ${matches})`
}

/** What holds for every row that has a matching element, where indexes tell it; undefined when they tell nothing. */
function neededRows(filter: Filter, context: Context): Condition | undefined {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const needed = filter.filters.flatMap((each) => neededRows(each, context) ?? [])
      if (needed.length < (filter.kind === 'and' ? 1 : filter.filters.length)) return undefined
      return sql`(${sql.join(needed, filter.kind === 'and' ? sql` and ` : sql` or `)})`
    }
    case 'compare':
      return context.look?.(filter)
    case 'not':
    case 'present':
    case 'element':
      return undefined
  }
}

function matchingElement(filter: ElementFilter, context: Context): Condition {
  const source = context.source(filter.path)
  const { dialect, literal } = context
  if (source.kind === 'one') {
    const inner = condition(filter.filter, { dialect, literal, source: context.source })
    return sql`(${source.operand} is not null and ${inner})`
  }
  return any(source, (operand) =>
    condition(filter.filter, {
      dialect,
      literal,
      source: (path) => ({ kind: 'one', operand: operand(path) }),
    }),
  )
}

type Many = Extract<Source, { kind: 'many' }>

function any(source: Many, holds: (operand: Many['operand']) => Condition): Condition {
  return sql`exists (select 1 ${source.from} and ${holds(source.operand)})`
}

function compare(op: CompareOp, value: Operand, literal: Expression<unknown>, dialect: Dialect): Condition {
  switch (op) {
    case 'eq':
      return sql`(${value} = ${literal})`
    case 'ne':
      return sql`(${value} is distinct from ${literal})`
    case 'gt':
      return sql`(${value} > ${literal})`
    case 'ge':
      return sql`(${value} >= ${literal})`
    case 'lt':
      return sql`(${value} < ${literal})`
    case 'le':
      return sql`(${value} <= ${literal})`
    case 'co':
      return dialect.contains(value, literal)
    case 'sw':
      return dialect.startsWith(value, literal)
    case 'ew':
      return dialect.endsWith(value, literal)
  }
}

function resourceSource(path: AttrPath, scope: Place): Source {
  const derived = path.extension ? managerSource(path, scope) : columnSource(path, scope)
  return derived ?? documentSource(path, scope)
}

type Place = Pick<WhereScope, 'table' | 'dialect'>

/** What lies in columns and rows of its own. */
function columnSource(path: AttrPath, { table, dialect }: Place): Source | undefined {
  const column = (name: string): Source => ({ kind: 'one', operand: sql.ref(`${table}.${name}`) })
  switch (path.attribute.name) {
    case 'id':
      return column('id')
    case 'externalId':
      return column('external_id')
    case 'userName':
      return table === 'users' ? column('user_name_key') : undefined
    case 'displayName':
      return table === 'groups' ? column('display_name_key') : undefined
    case 'meta':
      return { kind: 'one', operand: metaOperand(path, table) }
    case 'groups':
      if (table !== 'users') return undefined
      return {
        kind: 'many',
        from: sql`from members gm join groups g on g.id = gm.group_id where gm.member_id = users.id`,
        order: sql`gm.group_id`,
        operand: groupOperand,
      }
    case 'members':
      if (table !== 'groups') return undefined
      return {
        kind: 'many',
        from: sql`from members m left join users mu on mu.id = m.member_id left join groups mg on mg.id = m.member_id
          where m.group_id = groups.id`,
        order: sql`m.member_id`,
        operand: (each) => memberOperand(each, dialect),
      }
    default:
      return undefined
  }
}

/** What is derived of the user who is the manager. */
function managerSource(path: AttrPath, { dialect }: Place): Source | undefined {
  if (pathName(path) === `${MANAGER}.$ref`) throw refused(path)
  if (pathName(path) !== `${MANAGER}.displayName`) return undefined
  const id = dialect.jsonText(sql.ref('users.search'), [path.schema, path.attribute.name, 'value'])
  const displayName = dialect.jsonText(sql.ref('manager.search'), ['displayName'])
  return {
    kind: 'one',
    operand: sql`(
      select ${displayName} from users as manager
      where manager.id = ${id} and manager.directory_id = users.directory_id)`,
  }
}

function metaOperand(path: AttrPath, table: WhereScope['table']): Operand {
  switch (path.sub?.name) {
    case undefined:
      return sql.lit(1)
    case 'resourceType':
      return sql.lit(table === 'users' ? 'User' : 'Group')
    case 'created':
      return sql.ref(`${table}.created_at`)
    case 'lastModified':
      return sql.ref(`${table}.modified_at`)
    case 'version':
      // That of a user also tells the groups apart: see `tagOf` in `http/scim/represent.ts`.
      if (table === 'users') throw refused(path, '`meta.lastModified`')
      return sql`('W/"' || ${sql.ref(`${table}.version`)} || '"')`
    default:
      throw refused(path)
  }
}

function groupOperand(path: AttrPath): Operand {
  switch (path.sub?.name) {
    case undefined:
    case 'value':
      return sql.ref('g.id')
    case 'display':
      return sql.ref('g.display_name_key')
    case 'type':
      return sql.lit('direct')
    default:
      throw refused(path)
  }
}

function memberOperand(path: AttrPath, dialect: Dialect): Operand {
  switch (path.sub?.name) {
    case undefined:
    case 'value':
      return sql.ref('m.member_id')
    case 'display': {
      const displayName = dialect.jsonText(sql.ref('mu.search'), ['displayName'])
      return sql`coalesce(${displayName}, mu.user_name_key, mg.display_name_key)`
    }
    case 'type':
      return sql`(case m.member_type when 'User' then 'user' else 'group' end)`
    default:
      throw refused(path)
  }
}

function refused(path: AttrPath, instead = 'the id') {
  return invalidFilter(`\`${pathName(path)}\` cannot be used in a filter; compare ${instead} instead`)
}

/** What lies in the document prepared for comparison. */
function documentSource(path: AttrPath, { table, dialect }: Place): Source {
  const document = sql.ref(`${table}.search`)
  const { attribute, sub } = path
  const place = path.extension ? [path.schema, attribute.name] : [attribute.name]
  if (attribute.multiValued) {
    const elements = dialect.jsonElements(document, place, 'e')
    const element = sql.ref('e.value')
    if (!sub?.multiValued) {
      return {
        kind: 'many',
        from: sql`from ${elements} where true`,
        order: inOrder(attribute, element, dialect),
        operand: (each) => valueAt(element, each.sub ? [each.sub.name] : [], definitionAt(each), dialect),
      }
    }
    return {
      kind: 'many',
      from: sql`from ${elements}, ${dialect.jsonElements(element, [sub.name], 'f')} where true`,
      order: sql`e.key, f.key`,
      operand: () => valueAt(sql.ref('f.value'), [], sub, dialect),
    }
  }
  const places = sub ? [...place, sub.name] : place
  if (!sub?.multiValued) {
    return { kind: 'one', operand: valueAt(document, places, definitionAt(path), dialect) }
  }
  return {
    kind: 'many',
    from: sql`from ${dialect.jsonElements(document, places, 'e')} where true`,
    order: sql`e.key`,
    operand: () => valueAt(sql.ref('e.value'), [], sub, dialect),
  }
}

function inOrder(
  { subAttributes }: AttributeDefinition,
  element: Expression<unknown>,
  dialect: Dialect,
): RawBuilder<unknown> {
  const hasPrimary = subAttributes?.some(({ name }) => name === 'primary') ?? false
  return hasPrimary ? sql`coalesce(${dialect.jsonFlag(element, ['primary'])}, 0) desc, e.key` : sql`e.key`
}

function valueAt(
  document: Expression<unknown>,
  place: readonly string[],
  { type }: AttributeDefinition,
  dialect: Dialect,
): Operand {
  switch (type) {
    case 'boolean':
      return dialect.jsonFlag(document, place)
    case 'integer':
    case 'decimal':
      return dialect.jsonNumber(document, place)
    case 'dateTime': {
      const text = dialect.jsonText(document, place)
      return sql`(case when ${text} like ${sql.lit(PREPARED_DATE_TIME)} then ${text} end)`
    }
    case 'string':
    case 'binary':
    case 'reference':
      return dialect.jsonText(document, place)
    case 'complex':
      return sql`nullif(${dialect.jsonPresent(document, place)}, false)`
  }
}

/** What `prepare` makes of a dateTime: other texts are from a time when the attribute was none. */
const PREPARED_DATE_TIME = '%-__-__T__:__:__.___Z'

/** Comparisons that an index leads to the rows of, so that the cost does not grow with their number. */
function lookUp(comparison: Comparison, { table, directoryId, literal }: WhereScope): Condition | undefined {
  const { path, op } = comparison
  if (isLookUp(comparison)) {
    return sql`users.seq in (
      select user_seq from user_values
      where attribute = ${lookUpKey(path)} and value = ${literal(comparison)} and directory_id = ${directoryId})`
  }
  if (op !== 'eq' || path.extension || path.sub?.name !== 'value') return undefined
  if (table === 'users' && path.attribute.name === 'groups') {
    return sql`users.id in (select member_id from members where group_id = ${literal(comparison)})`
  }
  if (table === 'groups' && path.attribute.name === 'members') {
    return sql`groups.id in (select group_id from members where member_id = ${literal(comparison)})`
  }
  return undefined
}

/**
 * Whether indexes lead to the matches of a filter, but to the planner's eye the index over the directory looks as good.
 *
 * A column that is compared by `eq` needs no help: its index holds the directory too, and brings the matches in order.
 */
export function goesByOtherIndex(filter: Filter): boolean {
  return goesByIndex(filter) && !goesByColumn(filter)
}

/** Whether indexes lead to the matches of a filter, so that there are few. */
export function goesByIndex(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.some(goesByIndex)
    case 'or':
      return filter.filters.every(goesByIndex)
    case 'compare':
      return isLookUp(filter) || isEqual(filter, [...INDEXED_COLUMNS, 'groups.value', 'members.value'])
    case 'element':
      return goesByIndex(filter.filter)
    case 'not':
    case 'present':
      return false
  }
}

/** The paths whose values a filter compares as they stand in rows and documents, not by the index over values. */
export function comparedPaths(filter: Filter): readonly AttrPath[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(comparedPaths)
    case 'not':
      return comparedPaths(filter.filter)
    case 'element':
    case 'present':
      return [filter.path]
    case 'compare':
      return isLookUp(filter) ? [] : [filter.path]
  }
}

/** Whether a column leads to the matches of a filter that hardly two resources have the same of. */
export function goesByColumn(filter: Filter): boolean {
  if (filter.kind === 'and') return filter.filters.some(goesByColumn)
  return filter.kind === 'compare' && isEqual(filter, INDEXED_COLUMNS)
}

const INDEXED_COLUMNS = ['id', 'userName', 'externalId']

function isEqual({ op, path }: Comparison, names: readonly string[]): boolean {
  return op === 'eq' && !path.extension && names.includes(pathName(path))
}
