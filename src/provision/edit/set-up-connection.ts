import { Problem } from '../problem.ts'
import { addEntry, type Edited } from './add.ts'
import { entriesAt, type Document, type Entry } from './document.ts'
import { extraModels, removeExtraModels } from './extra-models.ts'
import { sameId } from './sections.ts'

/** A connection with everything around it that decides where queries run. */
export interface SetUp {
  /** The primary connection, but for its environments: as it is written. */
  readonly connection: Entry & { readonly name: string; readonly dialect: string }
  readonly environments: readonly SetUpEnvironment[]
  /** The user attribute that decides, where there is none of that reference yet. */
  readonly attribute?: (Entry & { readonly reference: string }) | undefined
  /** Names of models to build on the primary connection. */
  readonly models: readonly string[]
  /** Whether models that are built on the environments are removed. */
  readonly removeExtraModels: boolean
}

/** An environment, with where its connection is if that is new. */
export interface SetUpEnvironment {
  readonly connection: string
  readonly url?: string | undefined
  readonly values: readonly string[]
  readonly users: readonly string[]
  readonly groups: readonly string[]
  /** The directory of these users and groups; undefined: any. */
  readonly directory?: string | undefined
}

/**
 * Adds a connection with its environments, those of their connections that are not there yet, the user attribute and
 * models.
 *
 * @throws Problem 409 when the connection, a model or the attribute is there already, and for an environment that is
 *   there and was given another URL
 */
export function setUpConnection(document: Document, setUp: SetUp): Edited {
  const { connection, environments, attribute, models } = setUp
  const at = { section: 'connections', id: connection.name } as const
  const added: readonly Added[] = [
    ...(attribute === undefined ? [] : [{ section: 'user-attributes', entry: attribute } as const]),
    ...environments.flatMap((one) => newConnection(document, one, connection.dialect)),
    { section: 'connections', entry: withEnvironments(connection, environments) },
    ...models.map((name) => ({ section: 'models', entry: { name, connection: connection.name } }) as const),
  ]
  const written = added.reduce(
    (rest, { section, entry }) => addEntry(rest, { section }, entry).document,
    document,
  )
  if (!setUp.removeExtraModels || extraModels(written, connection.name).length === 0)
    return { document: written, at }
  const removal = { confirm: connection.name, uses: undefined }
  return { ...removeExtraModels(written, connection.name, removal), at }
}

interface Added {
  readonly section: 'user-attributes' | 'connections' | 'models'
  readonly entry: Entry
}

function newConnection(
  document: Document,
  { connection: name, url }: SetUpEnvironment,
  dialect: string,
): Added[] {
  const present = entriesAt(document, ['connections']).find((one) => sameId('connections', one['name'], name))
  if (present === undefined) {
    return [{ section: 'connections', entry: { name, dialect, ...(url !== undefined && { url }) } }]
  }
  if (url === undefined || url === present['url']) return []
  throw new Problem(409, `there is a connection \`${name}\` already, with another URL; change that one`)
}

function withEnvironments(connection: Entry, environments: readonly SetUpEnvironment[]): Entry {
  if (environments.length === 0) return connection
  const entries = environments.map((one) => ({
    connection: one.connection,
    ...(one.values.length > 0 && { values: one.values }),
    ...(one.users.length + one.groups.length > 0 && { grantTo: grantTo(one) }),
  }))
  return { ...connection, environments: entries }
}

const grantTo = ({ users, groups, directory }: SetUpEnvironment): Entry => ({
  ...(directory !== undefined && { directory }),
  ...(users.length > 0 && { users }),
  ...(groups.length > 0 && { groups }),
})
