import { DatabaseError, type Database, type OpenDatabase } from './database.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import { withhold } from './withhold.ts'

/** The dialects that can be opened, and a statement for each that shows whom the database takes us for. */
const DRIVERS: ReadonlyMap<string, { readonly open: OpenDatabase; readonly whoAmI: string }> = new Map([
  ['postgres', { open: openPostgres, whoAmI: 'select current_user' }],
  ['sqlite', { open: openSqlite, whoAmI: 'select 1' }],
])

/** Whose URLs begin how. What is not listed here is not repeated in an error: it may be a secret in a wrong place. */
const SCHEMES: Readonly<Record<string, string>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'sqlite:': 'sqlite',
  'mysql:': 'mysql',
  'mariadb:': 'mysql',
}

/** A statement that shows whom a database takes us for; empty for a dialect that cannot be opened. */
export const whoAmI = (dialect: string): string => DRIVERS.get(dialect)?.whoAmI ?? ''

/**
 * Opens the database of a connection.
 *
 * @param timeoutMs how long opening it, and each statement, may take
 * @throws DatabaseError; no error that leaves here, now or from a method, holds the URL or its password
 */
export async function openDatabase(dialect: string, url: string, timeoutMs: number): Promise<Database> {
  const open = driverOf(dialect, url)
  const secrets = secretsIn(url)
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      // Without its cause: a driver's error carries the statement, its parameters and sometimes its configuration.
      throw new DatabaseError(withhold(error instanceof Error ? error.message : String(error), secrets))
    }
  }
  const database = await guarded(() => open(url, timeoutMs))
  return {
    identify: () => guarded(() => database.identify()),
    catalogue: (wanted) => guarded(() => database.catalogue(wanted)),
    count: (statement) => guarded(() => database.count(statement)),
    close: () => guarded(() => database.close()),
  }
}

function driverOf(dialect: string, url: string): OpenDatabase {
  const spoken = SCHEMES[/^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0].toLowerCase() ?? '']
  if (spoken !== undefined && spoken !== dialect)
    throw new DatabaseError(`its URL is one of a \`${spoken}\` database, and its dialect is \`${dialect}\``)
  const open = DRIVERS.get(dialect)?.open
  if (open === undefined)
    throw new DatabaseError(
      `databases of the dialect \`${dialect}\` cannot be opened from here, only ${[...DRIVERS.keys()].join(' and ')}`,
    )
  if (spoken === undefined)
    throw new DatabaseError(
      `what its \`url\` refers to is no database URL; it should begin with \`${Object.keys(SCHEMES).find((one) => SCHEMES[one] === dialect)}\``,
    )
  return open
}

/** The texts in a URL that nobody may see. */
function secretsIn(url: string): string[] {
  if (!URL.canParse(url)) return [url]
  const { password, searchParams } = new URL(url)
  const parameters = [...searchParams].filter(([name]) => /pass|secret|token|key/i.test(name))
  return [url, password, decoded(password), ...parameters.map(([, value]) => value)].filter(
    (text) => text !== '',
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
