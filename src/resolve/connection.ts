import type { Config } from '../../schemas/config.ts'
import { valueText } from '../../schemas/user-attribute.ts'
import { fold } from '../scim/fold.ts'
import type { Role } from './role.ts'

export interface Connection {
  readonly kind: 'connection'
  readonly name: string
  readonly baseRole: Role | undefined
  readonly environmentAttribute: string | undefined
  /** Whether its values decide the environment. */
  readonly assignsDynamically: boolean
  /** The connection itself, seen as a place where queries run. */
  readonly primary: Environment
  /** By the name of their connection, the primary included. */
  readonly environments: ReadonlyMap<string, Environment>
  /** Attribute value → where it leads. */
  readonly routes: ReadonlyMap<string, Environment>
  /** Attribute value in lower case → as it is configured, to find near misses. */
  readonly nearRoutes: ReadonlyMap<string, string>
  readonly whenUnmatched: 'deny' | 'base'
  readonly whenAmbiguous: 'deny' | 'firstInOrder'
}

export interface Environment {
  /** The name of the connection that queries run on. */
  readonly connection: string
  /** The attribute that leads here, and its values that do. */
  readonly attribute: string | undefined
  readonly values: readonly string[]
  /** Place in the order of the configuration. The primary connection comes last: it sees the most. */
  readonly order: number
  /** Folded name of the only directory whose users and groups may ask for it by name. */
  readonly directory: string | undefined
  /** Folded names of the users who may ask for it by name. */
  readonly users: ReadonlySet<string>
  /** The groups whose members may. */
  readonly groups: readonly GroupName[]
}

export interface Model {
  readonly kind: 'model'
  readonly name: string
  readonly connection: string
}

/** Where a role is granted. */
export type Target = Connection | Model

/** The name by which the configuration knows a group, and folded, the key it is bound by. */
export interface GroupName {
  readonly name: string
  readonly key: string
}

export function groupName(name: string): GroupName {
  return { name, key: fold(name) }
}

type AttributeTypes = ReadonlyMap<string, { readonly type: 'string' | 'number' }>
type ConnectionConfig = Config['connections'][number]

export function compileConnection(
  connection: ConnectionConfig,
  attributes: AttributeTypes,
  roles: ReadonlyMap<string, Role>,
): Connection {
  const type = attributes.get(connection.environmentAttribute ?? '') ?? { type: 'string' }
  const primary = place(connection.name, connection.environments.length, connection, connection, type)
  const others = connection.environments.map((environment, order) =>
    place(environment.connection, order, environment, connection, type),
  )
  const all = [...others, primary]
  const values = all.flatMap((environment) => environment.values)
  return {
    kind: 'connection',
    name: connection.name,
    baseRole: connection.baseRole === undefined ? undefined : roles.get(connection.baseRole),
    environmentAttribute: connection.environmentAttribute,
    assignsDynamically: connection.assignDynamically,
    primary,
    environments: new Map(all.map((environment) => [environment.connection, environment])),
    routes: new Map(all.flatMap((environment) => environment.values.map((value) => [value, environment]))),
    nearRoutes: new Map(values.map((value) => [value.toLowerCase(), value])),
    whenUnmatched: connection.whenUnmatched,
    whenAmbiguous: connection.whenAmbiguous,
  }
}

function place(
  name: string,
  order: number,
  { values, grantTo }: Pick<ConnectionConfig, 'values' | 'grantTo'>,
  { environmentAttribute }: ConnectionConfig,
  type: { readonly type: 'string' | 'number' },
): Environment {
  return {
    connection: name,
    attribute: environmentAttribute,
    values: values.map((value) => valueText(type, value)).filter((value) => value !== undefined),
    order,
    directory: grantTo?.directory === undefined ? undefined : fold(grantTo.directory),
    users: new Set(grantTo?.users.map(fold)),
    groups: (grantTo?.groups ?? []).map(groupName),
  }
}
