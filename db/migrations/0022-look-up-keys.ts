import { sql, type Kysely } from 'kysely'

/**
 * Values are looked up by what their attribute is defined as beside its path. The configuration in force says how those
 * that are there were collected.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ document: string }>`
    select document from revisions order by id desc limit 1`.execute(db)
  for (const row of rows) {
    const {
      extensions = [],
      userAttributes = [],
      userAttributeAliases = [],
    } = JSON.parse(row.document) as Written
    const declared = extensions.flatMap(({ urn, attributes }) =>
      attributes.map((attribute) => ({ ...attribute, path: `${urn}:${attribute.name}` })),
    )
    const offered = [USER_ATTRIBUTE, ...userAttributeAliases].flatMap((urn) =>
      userAttributes.map(({ reference, type, multiple = false }) => ({
        path: `${urn}:${reference}`,
        type: type === 'number' ? 'decimal' : 'string',
        caseExact: true,
        multiValued: multiple,
      })),
    )
    for (const { path, ...definition } of [...declared, ...offered]) {
      const key = [path, ...wordsOf(definition)].join(' ')
      await sql`update user_values set attribute = ${key} where attribute = ${path}`.execute(db)
    }
  }
}

const USER_ATTRIBUTE = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'

interface Definition {
  readonly type?: string
  readonly caseExact?: boolean
  readonly multiValued?: boolean
  readonly uniqueness?: string
}

interface Written {
  readonly extensions?: readonly {
    readonly urn: string
    readonly attributes: readonly (Definition & { readonly name: string })[]
  }[]
  readonly userAttributes?: readonly {
    readonly reference: string
    readonly type?: string
    readonly multiple?: boolean
  }[]
  readonly userAttributeAliases?: readonly string[]
}

function wordsOf({ type = 'string', caseExact, multiValued = false, uniqueness }: Definition): string[] {
  const exact = caseExact ?? ['reference', 'binary'].includes(type)
  return [
    ...(type === 'string' ? [] : [type]),
    ...(exact ? ['exact'] : []),
    ...(multiValued ? ['several'] : []),
    ...(uniqueness === 'server' ? ['unique'] : []),
  ]
}
