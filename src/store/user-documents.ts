import { sql, type Kysely, type RawBuilder } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { statement, statementAmong, wholeNumber, type Builder } from './statement.ts'

/** Attributes of extensions, as the parameter of a statement. */
export interface OfAttributes {
  /** JSON array of pairs: the URN, and a JSON array of the names, all in quotes as they stand in documents. */
  readonly attributes: string
}

/** The parameter for the attributes with these paths. */
export function ofAttributes(paths: readonly string[]): string {
  const names = new Map<string, string[]>()
  for (const path of paths) {
    // Nothing but the name comes behind the last colon.
    const end = path.lastIndexOf(':')
    const urn = path.slice(0, end)
    names.set(urn, [...(names.get(urn) ?? []), JSON.stringify(path.slice(end + 1))])
  }
  return JSON.stringify([...names].map(([urn, each]) => [JSON.stringify(urn), JSON.stringify(each)]))
}

/** That a user's document names one of the attributes: all who have it, and hardly anybody else. */
export function namesAttribute<Values extends OfAttributes>({
  dialect,
  value,
}: Builder<Values>): RawBuilder<boolean> {
  const document = sql.ref('users.document')
  const extensions = dialect.rowsOf(value('attributes'), { urn: 'text', names: 'text' })
  return sql`exists (
    select 1 from ${extensions} as extension
    where ${dialect.contains(document, sql.ref('extension.urn'))} and exists (
      select 1 from ${dialect.listOf(sql.ref('extension.names'))} as attribute
      where ${dialect.contains(document, sql.ref('attribute.value'))}))`
}

/** A user with what everything else about it is prepared from. */
export interface UserDocument {
  readonly seq: number
  readonly directoryId: string
  readonly userName: string
  readonly document: string
}

/** The users of all directories who may have one of these attributes, behind `after` and at most so many. */
export async function usersWith(
  db: Kysely<Database>,
  paths: readonly string[],
  { after, size }: { readonly after: number; readonly size: number },
): Promise<UserDocument[]> {
  return withAttributes.all(db, { attributes: ofAttributes(paths), after, size })
}

const withAttributes = statement<OfAttributes & { after: number; size: number }, UserDocument>((builder) =>
  builder.db
    .selectFrom('users')
    .select(columns)
    .where('seq', '>', wholeNumber(builder.value('after')))
    .where(namesAttribute(builder))
    .orderBy('seq')
    .limit(wholeNumber(builder.value('size'))),
)

/** The documents of users by their `seq`s. */
export async function readDocuments(
  db: Kysely<Database>,
  userSeqs: readonly number[],
): Promise<UserDocument[]> {
  return documents.all(db, userSeqs, {})
}

const documents = statementAmong<number, object, UserDocument>('integer', ({ db }, among) =>
  db
    .selectFrom('users')
    .select(columns)
    .where(sql<boolean>`seq ${among}`),
)

const columns = ['seq', 'directory_id as directoryId', 'user_name as userName', 'document'] as const

/** Stores the document prepared for comparison anew; the user itself stays as it is. */
export async function setSearch(db: Kysely<Database>, seq: number, search: string): Promise<void> {
  await writeSearch.run(db, { seq, search })
}

const writeSearch = statement<{ seq: number; search: string }>(({ db, value }) =>
  db
    .updateTable('users')
    .set({ search: value('search') })
    .where('seq', '=', value('seq')),
)
