import { company } from '../../src/cli/simulate/company.ts'
import type { Person } from '../../src/cli/simulate/company.ts'
import type { Dialect } from '../../src/cli/simulate/dialect.ts'
import { ROLES, type Role } from '../support/warehouse.ts'

/** Something that happens to people in their identity provider. */
export interface Moment {
  readonly what: string
  readonly happens: () => Promise<void>
}

/** Three people of Acme, one for each database role, and what becomes of the second. */
export function warehouseStory(provider: Dialect): { people: Record<Role, Person>; moments: Moment[] } {
  const [admin, analyst, finance] = company({ people: 3 }).people.map((person, at): Person => {
    const role = ROLES[at]
    return role === undefined ? person : { ...person, dbRole: role }
  }) as [Person, Person, Person]
  const ids = new Map<Person, string>()
  const idOf = (person: Person): string => ids.get(person) ?? ''
  return {
    people: { admin, analyst, finance },
    moments: [
      {
        what: 'all three are assigned',
        async happens() {
          for (const person of [admin, analyst, finance]) ids.set(person, await provider.assign(person))
        },
      },
      {
        what: `${analyst.givenName} moves to finance`,
        happens: () => provider.update(idOf(analyst), analyst, { ...analyst, dbRole: 'finance' }),
      },
      { what: `${analyst.givenName} leaves`, happens: () => provider.deactivate(idOf(analyst)) },
    ],
  }
}
