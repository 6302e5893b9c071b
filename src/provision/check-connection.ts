import type { Config } from '../../schemas/config.ts'
import type { Context } from '../context.ts'
import { DatabaseError, type DatabaseObject, type ObjectName } from '../databases/database.ts'
import { openDatabase } from '../databases/open.ts'
import {
  differencesTo,
  finding,
  findingsAbout,
  nameOf,
  objectNameOf,
  type Difference,
  type Finding,
  type Place,
} from './check-findings.ts'
import { urlOf } from './connection-url.ts'
import { inForce } from './in-force.ts'
import { inParallel } from './in-parallel.ts'
import { likeness } from './likeness.ts'
import { Problem } from './problem.ts'

/** One connection of a check: the primary, or one of its environments. */
export interface CheckedPlace {
  readonly connection: string
  /** The attribute values that lead here. */
  readonly values: readonly (string | number)[]
  /** Why it could not be opened; null when it could. */
  readonly problem: string | null
  /** How long it took to open it and to look around. */
  readonly milliseconds: number
  /** The database user; null where the engine has none, and where nothing could be opened. */
  readonly user: string | null
  readonly database: string | null
  readonly server: string | null
  /** How many tables and views may be read, in whole or in part. */
  readonly readable: number | null
  readonly objects: readonly DatabaseObject[]
  /** Held against the primary; empty for the primary itself. */
  readonly differences: readonly Difference[]
}

/** What became of a look at the databases behind a primary connection. */
export interface ConnectionCheck {
  readonly connection: string
  readonly dialect: string
  readonly at: string
  /** Nothing is wrong; there may be warnings. */
  readonly ok: boolean
  /** The primary first, then its environments in the order of the configuration. */
  readonly places: readonly CheckedPlace[]
  /** Every reference of a model on this connection, and the connections on which a query for it would fail. */
  readonly models: readonly {
    readonly model: string
    readonly object: string
    readonly failsOn: readonly string[]
  }[]
  readonly findings: readonly Finding[]
}

export interface CheckOptions {
  /** How long opening a database, and each statement there, may take. */
  readonly timeoutMs: number
  /** Tables and views to show: `*` stands for anything, letter case for nothing. All are looked at. */
  readonly objects?: string | undefined
  readonly report?: (done: number, total: number) => void
}

/** Databases that are open at a time. */
const AT_ONCE = 8

/**
 * Opens a primary connection and each of its environments, and tells whom each database takes us for, what may be done
 * there, how it differs from the primary, and which references of models would fail. One that cannot be opened is told,
 * and holds nothing else up.
 *
 * @throws Problem 404
 */
export async function checkConnection(
  ctx: Context,
  name: string,
  { timeoutMs, objects = '*', report }: CheckOptions,
): Promise<ConnectionCheck> {
  const { config } = await inForce(ctx, ctx.engine.read)
  const primary = config.connections.find((one) => one.name === name)
  if (primary === undefined) throw new Problem(404, `there is no connection \`${name}\``)
  const models = config.models.filter(({ connection }) => connection === name)
  const wanted = models.flatMap(({ objects }) => objects.map(objectNameOf))
  const ends = endsOf(config, primary)
  const looks = await inParallel(
    ends,
    AT_ONCE,
    (end) => look(ctx, end, wanted, timeoutMs),
    (done) => report?.(done, ends.length),
  )
  const first = looks[0]?.place
  const findings = looks.flatMap(({ end, place, problem }) =>
    place === undefined
      ? [finding(end.connection.name, 'unreachable', { text: `cannot be used: ${problem}` })]
      : findingsAbout(place, first, models),
  )
  return {
    connection: name,
    dialect: primary.dialect,
    at: ctx.now(),
    ok: findings.every(({ severity }) => severity !== 'error'),
    places: looks.map((one) => viewOf(one, first, likeness(objects))),
    models: models.flatMap(({ name: model, objects }) =>
      objects.map((object) => ({ model, object, failsOn: failures(findings, model, object) })),
    ),
    findings,
  }
}

type Connection = Config['connections'][number]

/** A connection to look into, and the attribute values that lead there. */
interface End {
  readonly connection: Connection
  readonly values: Connection['values']
  readonly isPrimary: boolean
}

function endsOf({ connections }: Config, primary: Connection): End[] {
  const byName = new Map(connections.map((one) => [one.name, one]))
  return [
    { connection: primary, values: primary.values, isPrimary: true },
    ...primary.environments.flatMap(({ connection: name, values }) => {
      const connection = byName.get(name)
      return connection === undefined ? [] : [{ connection, values, isPrimary: false }]
    }),
  ]
}

interface Look {
  readonly end: End
  readonly milliseconds: number
  readonly place?: Place
  readonly problem: string
}

async function look(ctx: Context, end: End, wanted: readonly ObjectName[], timeoutMs: number): Promise<Look> {
  const startedAt = performance.now()
  const took = (): number => Math.round(performance.now() - startedAt)
  const { name, dialect, url } = end.connection
  try {
    const database = await openDatabase(dialect, await urlOf(ctx, url), timeoutMs)
    try {
      const identity = await database.identify()
      const catalogue = await database.catalogue(wanted)
      const place = { connection: name, isPrimary: end.isPrimary, identity, catalogue }
      return { end, milliseconds: took(), place, problem: '' }
    } finally {
      await database.close()
    }
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return { end, milliseconds: took(), problem: error.message }
  }
}

function viewOf(
  { end, milliseconds, place, problem }: Look,
  primary: Place | undefined,
  isShown: (object: string) => boolean,
): CheckedPlace {
  const objects = place?.catalogue.objects
  const differences = end.isPrimary || !primary || !place ? [] : differencesTo(primary, place)
  return {
    connection: end.connection.name,
    values: end.values,
    problem: place === undefined ? problem : null,
    milliseconds,
    user: place?.identity.user ?? null,
    database: place?.identity.database ?? null,
    server: place?.identity.server ?? null,
    readable: objects?.filter(({ columns }) => columns.length > 0).length ?? null,
    objects: objects?.filter((object) => isShown(nameOf(object))) ?? [],
    differences: differences.filter(({ object }) => isShown(object)),
  }
}

const failures = (findings: readonly Finding[], model: string, object: string): string[] =>
  findings
    .filter((one) => one.code === 'model_object' && one.model === model && one.object === object)
    .map(({ connection }) => connection)
