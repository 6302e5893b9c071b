import type { Person } from '../store/people.ts'
import { Problem } from './problem.ts'

/**
 * The one person who is meant by a text. Inside a directory the best match counts: the id before the user name before the
 * external id before an e-mail address. Between directories nothing does, or one could answer for a person of another.
 *
 * @param people everybody whom it may mean, the strongest matches first
 * @throws Problem 409 when several people are meant
 */
export function onlyPerson<Found extends Person>(people: readonly Found[], text: string): Found | undefined {
  const [first] = people
  if (first === undefined || first.matched === 'id') return first
  const best = people.filter(
    (one) => one.matched === people.find(({ directoryId }) => directoryId === one.directoryId)?.matched,
  )
  if (best.length === 1) return first
  const directories = [...new Set(best.map((one) => one.directoryName))]
  throw new Problem(
    409,
    directories.length > 1
      ? `\`${text}\` fits people of several directories: ${directories.join(', ')}; name one with \`directory\``
      : `\`${text}\` fits ${best.length} people of the directory ${directories[0]}; ask by id or user name`,
    best.map((one) => ({
      path: 'user',
      message: `${one.userName} (${one.id}) of the directory ${one.directoryName}`,
    })),
  )
}
