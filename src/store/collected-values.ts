import { sql, type Expression, type Kysely } from 'kysely'
import type { Dialect } from '../../db/dialects/dialect.ts'
import type { Database } from '../../db/tables.ts'
import { statement, statementAmong, wholeNumber } from './statement.ts'
import type { Range } from './user-documents.ts'
import { indexable, type IndexedValue } from './user-values.ts'

/** A value with the user who has it. */
export interface UserValue extends IndexedValue {
  readonly seq: number
  readonly directoryId: string
}

/**
 * Gives users the values that they have of some attributes, whatever they had of these before. A unique one that
 * somebody else has is kept as one that is not: {@link holdUnique} tells of those.
 */
export async function collectValues(
  db: Kysely<Database>,
  userSeqs: readonly number[],
  attributes: readonly string[],
  values: readonly UserValue[],
): Promise<void> {
  await forgetOf.all(db, userSeqs, { attributes: JSON.stringify(attributes) })
  const short = indexable(values)
  const unique = short.filter((each) => each.unique)
  if (short.length > 0) await collect.run(db, { rows: rowsOf(short) })
  if (unique.length > 0) {
    await collect.run(db, { rows: rowsOf(unique.map((each) => ({ ...each, unique: false }))) })
  }
}

const forgetOf = statementAmong<number, { attributes: string }>('integer', ({ db, dialect, value }, among) =>
  db
    .deleteFrom('user_values')
    .where(sql<boolean>`user_seq ${among}`)
    .where(amongAttributes(dialect, value('attributes'))),
)

const rowsOf = (values: readonly UserValue[]): string =>
  JSON.stringify(
    values.map(({ seq, directoryId, attribute, value, unique }) => [
      seq,
      directoryId,
      attribute,
      value,
      unique ? 1 : 0,
    ]),
  )

const collect = statement<{ rows: string }>(({ dialect, value }) => {
  const rows = dialect.rowsOf(value('rows'), {
    user_seq: 'integer',
    directory_id: 'text',
    attribute: 'text',
    value: 'text',
    is_unique: 'integer',
  })
  return sql`
    insert into user_values (user_seq, directory_id, attribute, value, is_unique)
    select user_seq, directory_id, attribute, value, is_unique from ${rows} as v where true
    on conflict do nothing`
})

/** By what values are looked up that are there. Finding it costs a look-up each, however many values there are. */
export async function storedAttributes(db: Kysely<Database>): Promise<string[]> {
  const { rows } = await sql<{ attribute: string }>`
    with recursive stored(attribute) as (
      select min(attribute) from user_values
      union all
      select (select min(attribute) from user_values v where v.attribute > stored.attribute)
      from stored where stored.attribute is not null
    )
    select attribute from stored where attribute is not null`.execute(db)
  return rows.map(({ attribute }) => attribute)
}

/** Takes the values of attributes away from a range of users. */
export async function forgetAttributes(
  db: Kysely<Database>,
  attributes: readonly string[],
  range: Range,
): Promise<void> {
  await forgetIn.run(db, { attributes: JSON.stringify(attributes), ...range })
}

const forgetIn = statement<Range & { attributes: string }>(({ db, dialect, value }) =>
  db
    .deleteFrom('user_values')
    .where('user_seq', '>', wholeNumber(value('after')))
    .where('user_seq', '<=', wholeNumber(value('upTo')))
    .where(amongAttributes(dialect, value('attributes'))),
)

/** Not by the index over attributes: it leads to everybody who has one. */
const amongAttributes = (dialect: Dialect, attributes: Expression<unknown>) => sql<boolean>`
  ${dialect.notByIndex(sql.ref('attribute'))} in (select value from ${dialect.listOf(attributes)} as list)`

/** Values of one attribute that several users of a directory have. */
export interface SharedValues {
  readonly directoryName: string
  /** How many values are shared. */
  readonly count: number
  readonly example: string
  /** Some of those who have it, in the order of their creation. */
  readonly userNames: readonly string[]
}

/** Holds the values of an attribute unique that were collected, unless some are not: those it tells. */
export async function holdUnique(db: Kysely<Database>, attribute: string): Promise<SharedValues[]> {
  const shared = await sharedValues.all(db, { attribute })
  if (shared.length === 0) {
    // Who had a value as well when these were collected has it no longer.
    await db
      .updateTable('user_values')
      .set({ is_unique: 1 })
      .where('attribute', '=', attribute)
      .where('is_unique', '=', 0)
      .execute()
  }
  return Promise.all(
    shared.map(async ({ directoryId, ...rest }) => {
      const found = await holders.all(db, { attribute, directoryId, value: rest.example })
      return { ...rest, userNames: found.map(({ userName }) => userName) }
    }),
  )
}

const sharedValues = statement<
  { attribute: string },
  Omit<SharedValues, 'userNames'> & { directoryId: string }
>(({ db, value }) =>
  db
    .selectFrom(
      db
        .selectFrom('user_values')
        .select(['directory_id', 'value'])
        .where('attribute', '=', value('attribute'))
        .groupBy(['value', 'directory_id'])
        .having(({ fn }) => fn.countAll(), '>', 1)
        .as('shared'),
    )
    .innerJoin('directories', 'directories.id', 'shared.directory_id')
    .select(({ fn }) => [
      'directories.id as directoryId',
      'directories.name as directoryName',
      fn.countAll<number>().as('count'),
      fn.min('shared.value').as('example'),
    ])
    .groupBy(['directories.id', 'directories.name'])
    .orderBy('directories.name_key'),
)

/** How many of those are named who share a value. */
export const MOST_USER_NAMES = 3

const holders = statement<{ attribute: string; directoryId: string; value: string }, { userName: string }>(
  ({ db, value }) =>
    db
      .selectFrom('user_values')
      .innerJoin('users', 'users.seq', 'user_values.user_seq')
      .select('users.user_name as userName')
      .where('user_values.attribute', '=', value('attribute'))
      .where('user_values.value', '=', value('value'))
      .where('user_values.directory_id', '=', value('directoryId'))
      .orderBy('users.seq')
      .limit(MOST_USER_NAMES),
)
