import type { Config } from '../../schemas/config.ts'
import { fold } from '../scim/fold.ts'
import type { StoredDirectory } from '../store/directories.ts'
import type { Fault } from './problem.ts'

/**
 * Where a configuration gives something to a user name without saying of which directory.
 *
 * With one directory that is a convenience. With two it is a way in: whoever can make users in the one takes what an
 * administrator meant for a person of the other.
 */
export function placesWithoutDirectory(config: Config): Fault[] {
  const places = [
    ...config.grants.map((grant, i) => ({ path: `grants[${i}]`, homeless: grant.directory === undefined })),
    ...config.overrides.map((one, i) => ({ path: `overrides[${i}]`, homeless: one.directory === undefined })),
    ...config.protectedUsers.map((one, i) => ({
      path: `protectedUsers[${i}]`,
      homeless: one.directory === undefined,
    })),
    ...config.connections.flatMap((connection, i) =>
      [
        { path: `connections[${i}].grantTo`, grantTo: connection.grantTo },
        ...connection.environments.map(({ grantTo }, j) => ({
          path: `connections[${i}].environments[${j}].grantTo`,
          grantTo,
        })),
      ].map(({ path, grantTo }) => ({
        path,
        homeless: grantTo !== undefined && grantTo.users.length > 0 && grantTo.directory === undefined,
      })),
    ),
  ]
  return places
    .filter(({ homeless }) => homeless)
    .map(({ path }) => ({
      path: `${path}.directory`,
      message: 'is missing: there are several directories, and a user name means another person in each',
    }))
}

/** Where a configuration speaks of a directory that does not exist: it would never apply to anybody. */
export function unknownDirectories(
  config: Config,
  directories: readonly Pick<StoredDirectory, 'name'>[],
): Fault[] {
  const known = new Set(directories.map(({ name }) => fold(name)))
  return [
    ...namedIn('rules', config.rules),
    ...namedIn('grants', config.grants),
    ...namedIn('overrides', config.overrides),
    ...namedIn('protectedUsers', config.protectedUsers),
    ...config.connections.flatMap((connection, i) => [
      ...grantedIn(`connections[${i}]`, connection.grantTo),
      ...connection.environments.flatMap(({ grantTo }, j) =>
        grantedIn(`connections[${i}].environments[${j}]`, grantTo),
      ),
    ]),
  ]
    .filter(({ name }) => !known.has(fold(name)))
    .map(({ path, name }) => ({
      path,
      message: `there is no directory \`${name}\`; add it under \`directories\` or with \`signalbox directory add\``,
    }))
}

interface Named {
  readonly path: string
  readonly name: string
}

function namedIn(section: string, entries: readonly { readonly directory?: string | undefined }[]): Named[] {
  return entries.flatMap(({ directory }, i) =>
    directory === undefined ? [] : [{ path: `${section}[${i}].directory`, name: directory }],
  )
}

function grantedIn(place: string, grantTo: { readonly directory?: string | undefined } | undefined): Named[] {
  return grantTo?.directory === undefined
    ? []
    : [{ path: `${place}.grantTo.directory`, name: grantTo.directory }]
}
