import { sql, type Kysely } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement } from './statement.ts'
import { UniquenessError } from './uniqueness-error.ts'

/** A value of an attribute that is found by look-up. */
export interface IndexedValue {
  /** By what it is looked up: `lookUpKey` in `src/scim/resource/search.ts`. */
  readonly attribute: string
  /** Prepared for comparison. */
  readonly value: string
  /** Whether nobody else in the directory may have it. */
  readonly unique: boolean
}

/** Longer values are found by reading: an index entry of PostgreSQL holds 2 704 bytes. */
export const LONGEST_INDEXED_VALUE = 512

/** The values that the index holds. */
export const indexable = <Value extends IndexedValue>(values: readonly Value[]): readonly Value[] =>
  values.filter(({ value }) => value.length <= LONGEST_INDEXED_VALUE)

/**
 * Adds values of a user that has none of them.
 *
 * @throws {UniquenessError} when somebody else of the directory has one that is unique
 */
export async function insertValues(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  values: readonly IndexedValue[],
): Promise<void> {
  const short = indexable(values)
  if (short.length === 0) return
  const added =
    short.length <= FEW
      ? await addOneByOne(db, directoryId, id, short)
      : await addTogether(db, directoryId, id, short)
  const taken = short.find((each) => each.unique && !added.has(each))
  if (taken !== undefined) throw new UniquenessError(taken.attribute, { value: taken.value })
}

/** Up to so many, a statement for each is quicker than one that has to read them from JSON. */
const FEW = 3

/** Adds values and returns those of them that were added. */
async function addOneByOne(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  values: readonly IndexedValue[],
): Promise<ReadonlySet<IndexedValue>> {
  const counts = await Promise.all(
    values.map(({ attribute, value, unique }) =>
      addValue.run(db, { directoryId, id, attribute, value, isUnique: unique ? 1 : 0 }),
    ),
  )
  return new Set(values.filter((_, i) => counts[i] !== 0))
}

// A conflict is no error here: that would tell neither engine's callers which of several values is taken.
const addValue = statement<
  Omit<IndexedValue, 'unique'> & { directoryId: string; id: string; isUnique: number }
>(
  ({ value }) => sql`
    insert into user_values (user_seq, directory_id, attribute, value, is_unique)
    select seq, directory_id, cast(${value('attribute')} as text), cast(${value('value')} as text),
      cast(${value('isUnique')} as integer)
    from users where id = ${value('id')} and directory_id = ${value('directoryId')}
    on conflict do nothing`,
)

async function addTogether(
  db: Kysely<Database>,
  directoryId: string,
  id: string,
  values: readonly IndexedValue[],
): Promise<ReadonlySet<IndexedValue>> {
  const key = ({ attribute, value }: Pick<IndexedValue, 'attribute' | 'value'>) => `${attribute} ${value}`
  const rows = JSON.stringify(
    values.map(({ attribute, value, unique }) => [attribute, value, unique ? 1 : 0]),
  )
  const added = new Set((await addValues.all(db, { directoryId, id, rows })).map(key))
  return new Set(values.filter((each) => added.has(key(each))))
}

const addValues = statement<
  { directoryId: string; id: string; rows: string },
  Pick<IndexedValue, 'attribute' | 'value'>
>(({ dialect, value }) => {
  const rows = dialect.rowsOf(value('rows'), { attribute: 'text', value: 'text', is_unique: 'integer' })
  return sql`
    insert into user_values (user_seq, directory_id, attribute, value, is_unique)
    select distinct u.seq, u.directory_id, v.attribute, v.value, v.is_unique
    from users u cross join ${rows} as v
    where u.id = cast(${value('id')} as text) and u.directory_id = cast(${value('directoryId')} as text)
    on conflict do nothing
    returning attribute, value`
})

/** Takes all values of a user away. */
export async function removeValues(db: Kysely<Database>, id: string): Promise<void> {
  await remove.run(db, { id })
}

const remove = statement<{ id: string }>(({ db, value }) =>
  db
    .deleteFrom('user_values')
    .where('user_seq', '=', (where) => where.selectFrom('users').select('seq').where('id', '=', value('id'))),
)
