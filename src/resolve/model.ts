import type { Config, GrantTarget } from '../../schemas/config.ts'
import type { ResourceType } from '../../schemas/definition.ts'
import { fold } from '../scim/fold.ts'
import {
  compileConnection,
  type Connection,
  type Environment,
  type GroupName,
  type Model,
  type Target,
} from './connection.ts'
import { compileRoles, type Role } from './role.ts'
import {
  compileGrant,
  compileOverride,
  compileRule,
  type DirectGrant,
  named,
  type Names,
  type Override,
  type Rule,
} from './rule.ts'
import { compileUserAttribute, type UserAttribute } from './user-attribute.ts'

/** A configuration made ready for deciding: names are resolved, values are as they are compared. */
export interface AccessModel {
  readonly revision: number
  readonly config: Config
  readonly roles: ReadonlyMap<string, Role>
  readonly attributes: ReadonlyMap<string, UserAttribute>
  readonly connections: ReadonlyMap<string, Connection>
  readonly models: ReadonlyMap<string, Model>
  /** In the order of the configuration. */
  readonly rules: readonly Rule[]
  /** By folded user name, in the order of the configuration. */
  readonly grants: ReadonlyMap<string, readonly DirectGrant[]>
  readonly overrides: ReadonlyMap<string, readonly Override[]>
  /** Who loses nothing by what a directory sends, by folded user name. */
  readonly protectedUsers: ReadonlyMap<string, readonly ProtectedUser[]>
  /** Environments that somebody may ask for by name. */
  readonly pickable: readonly Environment[]
  /** Folded name → name of every group that the configuration names: what directories bind to their groups. */
  readonly groupNames: ReadonlyMap<string, string>
  /** Folded names of the users whom the configuration names: what directories bind to their users. */
  readonly userNames: ReadonlySet<string>
}

/** Somebody who loses nothing by what a directory sends. */
export interface ProtectedUser {
  /** Folded. */
  readonly directory: string | undefined
}

/**
 * Compiles a configuration that `parseConfig` and `checkFilters` found right; another one throws.
 *
 * @param userType the User type of the registry that was made with `userExtensions(config)`
 */
export function compileModel(config: Config, revision: number, userType: ResourceType): AccessModel {
  const roles = compileRoles(config)
  const attributes = byKey(
    config.userAttributes,
    ({ reference }) => reference,
    (attribute) => compileUserAttribute(attribute, config.userAttributeAliases, userType),
  )
  const connections = byKey(
    config.connections,
    ({ name }) => name,
    (connection) => compileConnection(connection, attributes, roles),
  )
  const models = byKey(
    config.models,
    ({ name }) => name,
    ({ name, connection }): Model => ({
      kind: 'model',
      name,
      connection,
    }),
  )
  const names: Names = { attributes, roles, target: (on) => findTarget(on, connections, models) }
  const rules = config.rules.map((rule) => compileRule(rule, names, userType))
  const pickable = [...connections.values()]
    .flatMap(({ environments }) => Array.from(environments.values()))
    .filter(({ users, groups }) => users.size > 0 || groups.length > 0)
  const grants = byUser(config.grants, (grant) => compileGrant(grant, names))
  const overrides = byUser(config.overrides, (override) => compileOverride(override, names))
  const protectedUsers = byUser(config.protectedUsers, ({ directory }): ProtectedUser => ({
    directory: directory === undefined ? undefined : fold(directory),
  }))
  return {
    revision,
    config,
    roles,
    attributes,
    connections,
    models,
    rules,
    grants,
    overrides,
    protectedUsers,
    pickable,
    groupNames: new Map(
      [...rules.map(({ group }) => group), ...pickable.flatMap(({ groups }) => groups)]
        .filter((group): group is GroupName => group !== undefined)
        .map(({ key, name }) => [key, name]),
    ),
    userNames: new Set([
      ...grants.keys(),
      ...overrides.keys(),
      ...protectedUsers.keys(),
      ...pickable.flatMap(({ users }) => Array.from(users)),
    ]),
  }
}

function findTarget(
  on: GrantTarget,
  connections: ReadonlyMap<string, Connection>,
  models: ReadonlyMap<string, Model>,
): Target {
  if (typeof on === 'string') return named(connections, on)
  return 'connection' in on ? named(connections, on.connection) : named(models, on.model)
}

function byKey<From, To>(
  list: readonly From[],
  keyOf: (from: From) => string,
  compile: (from: From) => To,
): ReadonlyMap<string, To> {
  return new Map(list.map((from) => [keyOf(from), compile(from)]))
}

function byUser<From extends { readonly user: string }, To>(
  list: readonly From[],
  compile: (from: From) => To,
): ReadonlyMap<string, readonly To[]> {
  const users = new Map<string, To[]>()
  for (const from of list) {
    const key = fold(from.user)
    const found = users.get(key)
    if (found) found.push(compile(from))
    else users.set(key, [compile(from)])
  }
  return users
}
