import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'
import { statement } from './statement.ts'

/** A configuration as it was applied; the one with the highest id is in force. */
export interface Revision {
  readonly id: number
  readonly createdAt: string
  readonly actor: string
  /** JSON text of the configuration. */
  readonly document: string
}

/** What a revision notes of earlier ones. */
export interface RevisionPast {
  /** JSON text of every directory as the revision before left it; null where none was noted. */
  readonly directoriesBefore: string | null
  /** The earlier revision that it brought back. */
  readonly restores: number | null
}

/**
 * Puts a configuration in force and returns the id of its revision.
 *
 * @param revision.origins JSON text: from entries that stood before to the ids of the revisions that they stand since
 */
export async function insertRevision(
  db: Kysely<Database>,
  revision: Omit<Revision, 'id'> & Partial<RevisionPast> & { readonly origins: string },
): Promise<number> {
  const { createdAt, actor, document, origins, directoriesBefore = null, restores = null } = revision
  const { id } = await db
    .insertInto('revisions')
    .values({
      created_at: createdAt,
      actor,
      document,
      origins,
      directories_before: directoriesBefore,
      restores,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** Notes the folded names of what a revision changed, by which the audit finds it. */
export async function insertConfigNames(
  db: Kysely<Database>,
  revision: number,
  nameKeys: readonly string[],
): Promise<void> {
  const names = JSON.stringify(nameKeys)
  await insertNames.run(db, { id: String(revision), names })
}

const insertNames = statement<{ id: string; names: string }>(
  ({ dialect, value }) => sql`
    insert into config_names (id, name_key)
    select distinct cast(${value('id')} as text), value from ${dialect.listOf(value('names'))} as list`,
)

/** When the first revision was applied; undefined before it. */
export async function firstRevisionAt(db: Kysely<Database>): Promise<string | undefined> {
  return (await firstStamp.first(db, {}))?.createdAt
}

const firstStamp = statement<object, { createdAt: string }>(({ db }) =>
  db.selectFrom('revisions').select('created_at as createdAt').orderBy('id').limit(sql.lit(1)),
)

/** When a revision first changed something of a name after a moment; undefined: none did. */
export async function firstChangeAfter(
  db: Kysely<Database>,
  at: string,
  nameKey: string,
): Promise<string | undefined> {
  return (await firstChange.first(db, { at, nameKey }))?.createdAt
}

const firstChange = statement<{ at: string; nameKey: string }, { createdAt: string }>(({ db, value }) =>
  db
    .selectFrom('config_names as n')
    .innerJoin('revisions as r', (join) => join.on(sql<boolean>`cast(r.id as text) = n.id`))
    .select('r.created_at as createdAt')
    .where('n.name_key', '=', value('nameKey'))
    .where('r.created_at', '>', value('at'))
    .orderBy('r.id')
    .limit(sql.lit(1)),
)

/** The id of the revision in force; 0 before the first. */
export async function latestRevisionId(db: Kysely<Database>): Promise<number> {
  const row = await latestId.first(db, {})
  return row?.id ?? 0
}

const latestId = statement<object, { id: number | null }>(({ db }) =>
  db.selectFrom('revisions').select(({ fn }) => fn.max('id').as('id')),
)

/**
 * What tells the revision in force from every other; undefined before the first. The id alone does not: a commit that
 * fails gives its id back.
 */
export function latestRevisionStamp(
  db: Kysely<Database>,
): Promise<Pick<Revision, 'id' | 'createdAt'> | undefined> {
  return latestStamp.first(db, {})
}

const latestStamp = statement<object, Pick<Revision, 'id' | 'createdAt'>>(({ db }) =>
  db
    .selectFrom('revisions')
    .select(['id', 'created_at as createdAt'])
    .orderBy('id', 'desc')
    .limit(sql.lit(1)),
)

/** The revision in force; undefined before the first. */
export async function latestRevision(db: Kysely<Database>): Promise<Revision | undefined> {
  return db.selectFrom('revisions').select(columns).orderBy('id', 'desc').limit(1).executeTakeFirst()
}

/** What tells the revision that was in force at a moment from every other; undefined before the first. */
export function revisionStampAt(
  db: Kysely<Database>,
  at: string,
): Promise<Pick<Revision, 'id' | 'createdAt'> | undefined> {
  return stampAt.first(db, { at })
}

const stampAt = statement<{ at: string }, Pick<Revision, 'id' | 'createdAt'>>(({ db, value }) =>
  db
    .selectFrom('revisions')
    .select(['id', 'created_at as createdAt'])
    .where('created_at', '<=', value('at'))
    .orderBy('id', 'desc')
    .limit(sql.lit(1)),
)

/** JSON text: since which revisions entries of this one stand; undefined when there is no such revision. */
export async function readOrigins(db: Kysely<Database>, id: number): Promise<string | undefined> {
  const row = await db.selectFrom('revisions').select('origins').where('id', '=', id).executeTakeFirst()
  return row?.origins
}

export async function readRevision(db: Kysely<Database>, id: number): Promise<Revision | undefined> {
  return db.selectFrom('revisions').select(columns).where('id', '=', id).executeTakeFirst()
}

/** The revision before another one, and the one after it. */
export async function neighbourRevision(
  db: Kysely<Database>,
  id: number,
  side: 'before' | 'after',
): Promise<(Revision & RevisionPast) | undefined> {
  return db
    .selectFrom('revisions')
    .select([...columns, ...past])
    .where('id', side === 'before' ? '<' : '>', id)
    .orderBy('id', side === 'before' ? 'desc' : 'asc')
    .limit(1)
    .executeTakeFirst()
}

/** Revisions without their documents, the newest first. */
export async function listRevisions(
  db: Kysely<Database>,
  page: {
    readonly before?: number | undefined
    readonly after?: number | undefined
    /** A part of the actor. */
    readonly search?: string | undefined
    /** Made at this moment or later, and before that one. */
    readonly from?: string | undefined
    readonly until?: string | undefined
    readonly limit: number
  },
): Promise<(Omit<Revision, 'document'> & Pick<RevisionPast, 'restores'>)[]> {
  const { before, after, search, from, until, limit } = page
  let query = db
    .selectFrom('revisions')
    .select(['id', 'created_at as createdAt', 'actor', 'restores'])
    .orderBy('id', 'desc')
    .limit(limit)
  if (before !== undefined) query = query.where('id', '<', before)
  if (after !== undefined) query = query.where('id', '>', after)
  if (from !== undefined) query = query.where('created_at', '>=', from)
  if (until !== undefined) query = query.where('created_at', '<', until)
  if (search !== undefined) query = query.where(dialectOf(db).contains(sql.ref('actor'), sql.val(search)))
  return query.execute()
}

const columns = ['id', 'created_at as createdAt', 'actor', 'document'] as const
const past = ['directories_before as directoriesBefore', 'restores'] as const
