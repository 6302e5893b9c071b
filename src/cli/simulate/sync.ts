import { inParallel } from '../../provision/in-parallel.ts'
import type { Company } from './company.ts'
import type { Dialect, MemberRef } from './dialect.ts'

/** How far a step is. */
export interface Progress {
  readonly step: string
  readonly done: number
  readonly total: number
}

/** Something that did not work; like the providers, the simulation goes on. */
export interface Failure {
  readonly what: string
  readonly why: string
}

/** The ids that the server gave, by position in the company; undefined where it refused. */
export interface Synced {
  readonly users: readonly (string | undefined)[]
  readonly groups: readonly (string | undefined)[]
  readonly memberships: number
  readonly failures: readonly Failure[]
}

export interface SyncOptions {
  readonly concurrency?: number
  readonly report?: (progress: Progress) => void
}

/** The first synchronisation of a company: everybody, then their managers, then groups with their members. */
export async function sync(
  dialect: Dialect,
  { people, teams }: Company,
  options: SyncOptions = {},
): Promise<Synced> {
  const failures: Failure[] = []
  let memberships = 0
  const { concurrency = 8, report = () => {} } = options
  const each = <T, R>(step: string, items: readonly T[], name: (item: T) => string, work: Work<T, R>) =>
    inParallel(
      items,
      concurrency,
      async (item, position) => {
        try {
          return await work(item, position)
        } catch (error) {
          failures.push({
            what: `${step}: ${name(item)}`,
            why: error instanceof Error ? error.message : String(error),
          })
          return undefined
        }
      },
      (done) => report({ step, done, total: items.length }),
    )

  await dialect.testConnection()
  const users = await each(
    'users',
    people,
    ({ userName }) => userName,
    (person) => dialect.assign(person),
  )
  await each(
    'managers',
    dialect.setManager ? people : [],
    ({ userName }) => userName,
    async (person, position) => {
      const id = users[position]
      const manager = person.manager === undefined ? undefined : users[person.manager]
      if (id !== undefined && manager !== undefined) await dialect.setManager?.(id, manager)
    },
  )
  const groups = await each(
    'groups',
    teams,
    ({ name }) => name,
    async ({ externalId, name, members }) => {
      const id = await dialect.pushGroup(externalId, name)
      const known = members.flatMap((position): MemberRef[] => {
        const [user, person] = [users[position], people[position]]
        return user !== undefined && person ? [{ id: user, userName: person.userName }] : []
      })
      await dialect.addMembers({ id, name }, known)
      memberships += known.length
      return id
    },
  )
  return { users, groups, memberships, failures }
}

type Work<T, R> = (item: T, position: number) => Promise<R>
