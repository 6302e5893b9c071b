import type { Config } from '../../schemas/config.ts'
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
