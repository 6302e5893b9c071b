import { transfer } from '../../src/cli/simulate/company.ts'
import type { Company, Person } from '../../src/cli/simulate/company.ts'
import type { Dialect, GroupRef, MemberRef } from '../../src/cli/simulate/dialect.ts'
import type { Synced } from '../../src/cli/simulate/sync.ts'

/** A company behind its identity provider. */
export interface Site {
  readonly directory: string
  readonly company: Company
  readonly dialect: Dialect
  readonly synced: Synced
}

/** One person of the story: what happens to them, and where they have to end. */
export interface Part {
  readonly userName: string
  readonly directory: string
  readonly story: string
  readonly happens?: () => Promise<void>
  /** Environment and role, or the reason of the deny. */
  readonly ends: readonly [environment: string, role: string] | string
}

/**
 * The story, by the rules of `fixtures/company/signalbox.yaml`: for each way in and each way out somebody who
 * takes it.
 */
export function writeStory(acme: Site, labs: Site): Part[] {
  const atAcme = casting(acme)
  const atLabs = casting(labs)
  const mapped = (person: Person): boolean => person.dbRole !== undefined
  const employee = (person: Person): boolean => person.userType === 'Employee'
  return [
    part(acme, atAcme('Data Analysts', mapped, ['Data Platform']), {
      story: 'data analyst',
      ends: ['warehouse_analyst', 'querier'],
    }),
    part(acme, atAcme('Data Platform', mapped), {
      story: 'builds the data platform',
      ends: ['warehouse_analyst', 'modeler'],
    }),
    part(acme, atAcme('Finance Analysts', employee), {
      story: 'their group is renamed to `FP&A`',
      happens: (site) => site.dialect.renameGroup(group(site, 'Finance Analysts').id, 'FP&A'),
      ends: ['warehouse_finance', 'querier_no_upload'],
    }),
    part(acme, atAcme('Finance Analysts', employee), {
      story: 'moves from Finance to Data',
      happens: moves('Finance Analysts', 'FP&A', 'Data Analysts', 'Data'),
      ends: ['warehouse_analyst', 'querier'],
    }),
    part(acme, atAcme('Data Analysts', mapped), {
      story: 'leaves',
      happens: (site, { id }) => site.dialect.deactivate(id),
      ends: 'inactive',
    }),
    part(acme, atAcme('Data Analysts', mapped), {
      story: 'is entered as `admin`',
      happens: (site, { id }, person) => site.dialect.update(id, person, { ...person, dbRole: 'admin' }),
      ends: 'refused',
    }),
    part(
      acme,
      atAcme('Marketing Analysts', (person) => !mapped(person)),
      {
        story: 'contractor without a database role',
        ends: 'no_value',
      },
    ),
    part(acme, atAcme('Backend'), { story: 'software engineer', ends: 'no_access' }),
    part(labs, atLabs('Finance Analysts', employee), {
      story: 'finance analyst in the daughter company',
      ends: ['warehouse_finance', 'querier_no_upload'],
    }),
    part(labs, atLabs('Accounting', mapped, ['Finance Analysts']), {
      story: 'accountant',
      ends: ['warehouse_finance', 'viewer'],
    }),
    part(labs, atLabs('Marketing Analysts', mapped), {
      story: 'marketing analyst',
      ends: ['warehouse_analyst', 'restricted_querier'],
    }),
    part(labs, atLabs('Data Platform', mapped, ['Data Analysts']), {
      story: 'builds the data platform there',
      ends: 'refused',
    }),
    part(labs, atLabs('Data Analysts', mapped), {
      story: 'is entered as `Analyst`',
      happens: (site, { id }, person) => site.dialect.update(id, person, { ...person, dbRole: 'Analyst' }),
      ends: 'unmatched',
    }),
    part(labs, atLabs('Data Analysts', mapped), {
      story: 'leaves',
      happens: (site, { id }) => site.dialect.deactivate(id),
      ends: 'inactive',
    }),
  ]
}

type Happening = (site: Site, member: MemberRef, person: Person) => Promise<void>

function part(
  site: Site,
  position: number,
  { story, happens, ends }: Pick<Part, 'story' | 'ends'> & { happens?: Happening },
): Part {
  const person = site.company.people[position]
  const id = site.synced.users[position]
  if (!person || id === undefined) throw new Error(`the server has nobody for \`${story}\``)
  const { userName } = person
  return {
    userName,
    directory: site.directory,
    story,
    ends,
    ...(happens && { happens: () => happens(site, { id, userName }, person) }),
  }
}

/** Looks for people by their teams; nobody gets two parts. */
function casting({ company: { people, teams } }: Site) {
  const taken = new Set<number>()
  return (team: string, fits: (person: Person) => boolean = () => true, notIn: string[] = []): number => {
    const has = (name: string, position: number): boolean =>
      teams.some((one) => one.name === name && one.members.includes(position))
    const position = people.findIndex(
      (person, at) => !taken.has(at) && has(team, at) && fits(person) && !notIn.some((name) => has(name, at)),
    )
    if (position < 0) throw new Error(`nobody in \`${team}\` fits the part`)
    taken.add(position)
    return position
  }
}

/** A move to another department: the profile changes, then the groups, as the providers send it. */
const moves =
  (from: string, fromIsCalled: string, to: string, department: string): Happening =>
  async (site, member, person) => {
    await site.dialect.update(member.id, person, transfer(person, department))
    await site.dialect.removeMembers({ ...group(site, from), name: fromIsCalled }, [member])
    await site.dialect.addMembers(group(site, to), [member])
  }

function group({ company, synced }: Site, name: string): GroupRef {
  const id = synced.groups[company.teams.findIndex((team) => team.name === name)]
  if (id === undefined) throw new Error(`the server has no group \`${name}\``)
  return { id, name }
}
