/** Somebody as a human-resources system knows them: the source of both dialects. */
export interface Person {
  /** What the identity provider calls the person; never changes. */
  readonly externalId: string
  readonly userName: string
  readonly givenName: string
  readonly familyName: string
  readonly title: string
  readonly department: string
  readonly userType: 'Employee' | 'Contractor'
  readonly employeeNumber: string
  readonly costCentre: string
  /** The database role that the identity provider sends; nobody has to have one. */
  readonly dbRole?: string
  /** Position of the manager in `people`. */
  readonly manager?: number
}

export interface Team {
  readonly externalId: string
  readonly name: string
  readonly department: string
  /** Positions in `people`. */
  readonly members: readonly number[]
}

export interface Company {
  readonly domain: string
  readonly people: readonly Person[]
  readonly teams: readonly Team[]
}

export interface CompanyOptions {
  readonly people: number
  readonly teams?: number
  readonly domain?: string
  /** The same seed gives the same company on every machine. */
  readonly seed?: number
}

/**
 * Invents a company: departments with their teams, titles, cost centres and database roles.
 *
 * Pure: the same options give the same company, and a bigger company begins with the people of a smaller one.
 *
 * @example
 * company({ people: 300, teams: 25 }).people[0]?.userName // 'ada.berg@acme.example'
 */
export function company(options: CompanyOptions): Company {
  const { people: size, teams: count = 25, domain = 'acme.example', seed = 1 } = options
  const people = Array.from({ length: size }, (_, index) => person(index, domain, seed))
  const teams = staff(teamNames(count), people, seed)
  return { domain, people, teams }
}

/** Somebody after a move to another department: title, cost centre and database role go with the department. */
export function transfer(person: Person, department: string): Person {
  const { titles, dbRole } = departmentOf(department)
  const { dbRole: _left, ...rest } = person
  return {
    ...rest,
    department,
    title: at(titles, 0),
    costCentre: costCentreOf(department),
    ...(dbRole !== undefined && person.userType === 'Employee' && { dbRole }),
  }
}

interface Department {
  readonly name: string
  readonly titles: readonly string[]
  /** What the department's people send as database role; `FIN` is what the payroll system calls finance. */
  readonly dbRole?: string
  readonly teams: readonly string[]
}

const departments: readonly Department[] = [
  {
    name: 'Finance',
    titles: ['Controller', 'Financial Analyst', 'Accountant'],
    dbRole: 'FIN',
    teams: ['Finance Analysts', 'Accounting', 'Treasury', 'Procurement'],
  },
  {
    name: 'Data',
    titles: ['Data Analyst', 'Data Engineer', 'Data Scientist'],
    dbRole: 'analyst',
    teams: ['Data Analysts', 'Data Platform', 'Data Science', 'Reporting'],
  },
  {
    name: 'Marketing',
    titles: ['Campaign Manager', 'Marketing Analyst', 'Editor'],
    dbRole: 'analyst',
    teams: ['Marketing Analysts', 'Campaigns', 'Events'],
  },
  {
    name: 'Engineering',
    titles: ['Software Engineer', 'Test Engineer', 'Engineering Manager'],
    teams: ['Backend', 'Frontend', 'Quality', 'Infrastructure', 'Mobile'],
  },
  {
    name: 'Sales',
    titles: ['Account Executive', 'Sales Engineer', 'Account Manager'],
    teams: ['Sales Europe', 'Sales Americas', 'Sales Asia', 'Partners'],
  },
  {
    name: 'Support',
    titles: ['Support Agent', 'Support Engineer', 'Trainer'],
    teams: ['First Line', 'Second Line', 'Training'],
  },
  { name: 'People', titles: ['Recruiter', 'HR Partner', 'Payroll Clerk'], teams: ['Recruiting', 'Payroll'] },
]

const givenNames = [
  'Ada Ben Cleo Dora Emil Fia Gil Hana Ida Jan Kim Lea Mia',
  'Noa Ola Pia Quentin Rosa Sam Tove Uma Vera Wim Xenia Yara Zoë',
].flatMap((line) => line.split(' '))
const familyNames = [
  'Berg Holm Lund Ek Fors Ny Kvist Moe Pihl Quist Dahl Strand',
  'Vik Åberg Brandt Costa Diaz Eriksen Fischer García Hughes Ito Jansen',
].flatMap((line) => line.split(' '))

function person(index: number, domain: string, seed: number): Person {
  const department = pick(departments, seed, index, 'department')
  const givenName = at(givenNames, index)
  const familyName = at(familyNames, index + Math.floor(index / givenNames.length))
  const contractor = number(seed, index, 'contractor') % 12 === 0
  return {
    externalId: `${domain.split('.')[0]}-${String(index + 1).padStart(6, '0')}`,
    userName: `${userNameOf(givenName, familyName, index)}@${domain}`,
    givenName,
    familyName,
    title: pick(department.titles, seed, index, 'title'),
    department: department.name,
    userType: contractor ? 'Contractor' : 'Employee',
    employeeNumber: String(10_000 + index),
    costCentre: costCentreOf(department.name),
    ...(department.dbRole !== undefined && !contractor && { dbRole: department.dbRole }),
    ...(index > 0 && { manager: Math.floor((index - 1) / 8) }),
  }
}

const costCentreOf = (department: string): string =>
  `CC-${100 + departments.indexOf(departmentOf(department))}`

function departmentOf(name: string): Department {
  const found = departments.find((department) => department.name === name)
  if (!found) throw new Error(`there is no department \`${name}\``)
  return found
}

/** Names come round again in a big company: the later ones carry a number, as they do everywhere. */
function userNameOf(givenName: string, familyName: string, index: number): string {
  const plain = `${givenName}.${familyName}`.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const round = Math.floor(index / (givenNames.length * familyNames.length))
  return round === 0 ? plain : `${plain}${round + 1}`
}

/** The teams in their order: the first of every department, then the second of every department, and so on. */
function teamNames(count: number): TeamName[] {
  const most = Math.max(...departments.map(({ teams }) => teams.length))
  const known = Array.from({ length: most }, (_, place) =>
    departments.flatMap(({ name: department, teams }) => {
      const name = teams[place]
      return name === undefined ? [] : [{ name, department }]
    }),
  ).flat()
  return Array.from({ length: count }, (_, index) => {
    const { name, department } = at(known, index)
    const round = Math.floor(index / known.length) + 1
    return { name: round === 1 ? name : `${name} ${round}`, department }
  })
}

/** Puts everybody into one team of their department, and one in three into another one as well. */
function staff(names: readonly TeamName[], people: readonly Person[], seed: number): Team[] {
  const members = names.map((): number[] => [])
  const positions = new Map(
    departments.map(({ name }) => [
      name,
      names.flatMap((team, at) => (team.department === name ? [at] : [])),
    ]),
  )
  for (const [position, { department }] of people.entries()) {
    const siblings = positions.get(department) ?? []
    if (siblings.length === 0) continue
    const first = pick(siblings, seed, position, 'team')
    const second = pick(siblings, seed, position, 'other team')
    members[first]?.push(position)
    if (second !== first && number(seed, position, 'two teams') % 3 === 0) members[second]?.push(position)
  }
  return names.map((team, index) => ({
    externalId: `team-${String(index + 1).padStart(4, '0')}`,
    ...team,
    members: members[index] ?? [],
  }))
}

type TeamName = Pick<Team, 'name' | 'department'>

const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T
const pick = <T>(list: readonly T[], seed: number, index: number, purpose: string): T =>
  at(list, number(seed, index, purpose))

/** A number that looks drawn and is not: FNV-1a over what it is for. */
function number(seed: number, index: number, purpose: string): number {
  let hash = 0x811c9dc5
  for (const character of `${seed}/${purpose}/${index}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return (hash ^ (hash >>> 15)) >>> 0
}
