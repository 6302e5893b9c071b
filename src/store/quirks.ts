import { sql, type Kysely } from 'kysely'
import { dialectOf } from '../../db/dialects/of.ts'
import type { Database } from '../../db/tables.ts'

/** What was made allowance for in the requests of a directory, and how often. */
export interface Quirk {
  /** A rewrite by its id, or an attribute that no schema knows. */
  readonly kind: 'rewrite' | 'attribute'
  readonly name: string
  readonly times: number
  readonly firstAt: string
  readonly lastAt: string
  /** How the last such request was built, without its values. */
  readonly example: string
}

/** What is added to the count of a quirk. */
export interface QuirkUse extends Quirk {
  readonly directoryId: string
  readonly nameKey: string
}

/** Adds uses to what is counted; those of directories that are gone are passed over. */
export async function addQuirkUses(db: Kysely<Database>, uses: readonly QuirkUse[]): Promise<void> {
  if (uses.length === 0) return
  const rows = dialectOf(db).rowsOf(
    JSON.stringify(
      uses.map((use) => [
        use.directoryId,
        use.kind,
        use.nameKey,
        use.name,
        use.times,
        use.firstAt,
        use.lastAt,
        use.example,
      ]),
    ),
    {
      directory_id: 'text',
      kind: 'text',
      name_key: 'text',
      name: 'text',
      times: 'integer',
      first_at: 'text',
      last_at: 'text',
      example: 'text',
    },
  )
  // In one order, so that two processes that count the same never wait for each other.
  await sql`
    insert into quirks (directory_id, kind, name_key, name, times, first_at, last_at, example)
    select u.directory_id, u.kind, u.name_key, u.name, u.times, u.first_at, u.last_at, u.example
    from ${rows} as u join directories d on d.id = u.directory_id
    order by u.directory_id, u.kind, u.name_key
    on conflict (directory_id, kind, name_key) do update set
      times = quirks.times + excluded.times,
      name = excluded.name,
      last_at = excluded.last_at,
      example = excluded.example`.execute(db)
}

/** Forgets the attributes of a directory that were seen longest ago: a client chooses their names. */
export async function keepLatestAttributes(
  db: Kysely<Database>,
  directoryId: string,
  most: number,
): Promise<void> {
  await sql`
    delete from quirks where directory_id = ${directoryId} and kind = 'attribute' and name_key in (
      select name_key from quirks where directory_id = ${directoryId} and kind = 'attribute'
      order by last_at desc, name_key limit 1000000 offset cast(${most} as bigint)
    )`.execute(db)
}

/** Which quirks of a directory to list. */
export interface QuirkQuery {
  /** Part of the name, folded, or rewrites that another search has found. */
  readonly search?: { readonly nameKey: string; readonly rewrites: readonly string[] } | undefined
  /** The last one of the page before. */
  readonly after?: { readonly kind: Quirk['kind']; readonly nameKey: string } | undefined
  readonly limit: number
}

/** What was made allowance for in a directory: the attributes that nobody knows first. */
export async function listQuirks(
  db: Kysely<Database>,
  directoryId: string,
  { search, after, limit }: QuirkQuery,
): Promise<(Quirk & { readonly nameKey: string })[]> {
  let query = db
    .selectFrom('quirks')
    .select([
      'kind',
      'name',
      'name_key as nameKey',
      'times',
      'first_at as firstAt',
      'last_at as lastAt',
      'example',
    ])
    .where('directory_id', '=', directoryId)
    .orderBy('kind')
    .orderBy('name_key')
    .limit(limit)
  if (search !== undefined) {
    const { contains } = dialectOf(db)
    query = query.where(({ or, and, eb }) =>
      or([
        contains(sql.ref('name_key'), sql.val(search.nameKey)),
        ...(search.rewrites.length === 0
          ? []
          : [and([eb('kind', '=', 'rewrite'), eb('name', 'in', search.rewrites)])]),
      ]),
    )
  }
  if (after !== undefined) {
    query = query.where(({ or, and, eb }) =>
      or([
        eb('kind', '>', after.kind),
        and([eb('kind', '=', after.kind), eb('name_key', '>', after.nameKey)]),
      ]),
    )
  }
  return query.execute()
}
