import { runScript } from './processes.ts'
import type { Lab, Subject } from './lab.ts'
import { compare } from './measure.ts'
import type { Contender } from './measure.ts'
import { groups } from './population.ts'
import type { Group } from './population.ts'
import { thousands } from './report.ts'
import type { Goal, Outcome, Row } from './report.ts'
import type { ScriptName } from './scripts.ts'
import { firstSync } from './sync.ts'

/** A row of the table before it is measured. */
export interface Plan {
  readonly what: string
  measure(lab: Lab): Promise<Row[]>
}

/** How many users the databases hold. */
export interface Sizes {
  readonly large: number
  /** For what must not depend on the size. */
  readonly largest: number
  readonly postgres: number
  readonly sync: number
}

/** The table in the order in which it is measured: what reads comes before what writes. */
export function plans(sizes: Sizes): Plan[] {
  const large = (lab: Lab): Promise<Subject> => lab.sqlite(sizes.large)
  const small = (lab: Lab): Promise<Subject> => lab.sqlite(1000)
  const largest = (lab: Lab): Promise<Subject> => lab.sqlite(sizes.largest)
  const postgres = (lab: Lab): Promise<Subject> => lab.postgres(sizes.postgres)
  const users = thousands(sizes.large)
  const membersOfLarge = thousands(Math.min(sizes.large, groups.large))

  return [
    inE('resolve one decision (GET)', { atLeast: 2 }, large, { script: 'resolve' }),
    inE(`GET one user of ${users}`, { atLeast: 0.9 }, large, { script: 'getUser' }),
    inE(`filter userName eq, ${users} users`, { atLeast: 0.85 }, large, { script: 'filterUserName' }),
    inE('list page of 100', { atLeast: 0.13 }, large, { script: 'firstPage' }),
    cost(`last tenth of ${users} users by startIndex, against the first page`, { atMost: 1.2 }, [
      [large, { script: 'deepPage' }],
      [large, { script: 'firstPage' }],
    ]),
    cost('jump to a startIndex nobody asked for, against the first page', { atMost: 1.2 }, [
      [large, { script: 'jump' }],
      [large, { script: 'firstPage' }],
    ]),
    {
      what: 'plan and lint',
      measure: async (lab) => JSON.parse(await runScript('plan.ts', [(await large(lab)).url])) as Outcome[],
    },
    ...(['filterUserName', 'filterExternalId', 'filterEmail', 'filterEmployeeNumber'] as const).map(
      (script) =>
        cost(`${INDEXED[script]}, ${thousands(sizes.largest)} users against 1 000`, { atMost: 1.3 }, [
          [largest, { script }],
          [small, { script }],
        ]),
    ),
    ...[10, 50].flatMap((connections, index) => [
      inE(`durable PATCH active, ${connections} connections`, { atLeast: 0.35 }, large, {
        script: 'patchActive',
        share: index,
        connections,
      }),
      inE(`durable group PATCH of one member, ${connections} connections`, { atLeast: 0.4 }, large, {
        script: 'patchMember',
        share: 2 + index,
        connections,
      }),
    ]),
    cost(`group PATCH of one member, ${membersOfLarge} members against 10`, { atMost: 1.1 }, [
      [large, { script: 'patchMember', group: 'large', share: 4 }],
      [large, { script: 'patchMember', group: 'small', share: 5 }],
    ]),
    insertInE('E with one durable insert, 50 connections'),
    inE('durable create, 50 connections', { atLeast: 0.3 }, large, { script: 'createUser', connections: 50 }),
    inE('PostgreSQL: resolve one decision (GET)', undefined, postgres, { script: 'resolve' }),
    inE('PostgreSQL: GET one user', { atLeast: 0.55 }, postgres, { script: 'getUser' }),
    inE('PostgreSQL: durable PATCH active, 50 connections', { atLeast: 0.2 }, postgres, {
      script: 'patchActive',
      connections: 50,
    }),
    inE('PostgreSQL: durable create, 50 connections', { atLeast: 0.2 }, postgres, {
      script: 'createUser',
      connections: 50,
    }),
    absent('PostgreSQL: three processes against one', '≥ 2.5 ×', 'needs five free cores'),
    {
      what: 'first sync',
      measure: async (lab) => firstSync(lab, (await lab.sqlite(0)).server, sizes.sync),
    },
    {
      what: 'decisions computed in process',
      measure: async () => JSON.parse(await runScript('resolver.ts', [])) as Outcome[],
    },
    absent('decisions in the client library, in process', '≥ 1 000 000 /s', 'comes with the feed'),
    absent('acknowledged write → change at a follower, p99', '< 50 ms', 'comes with the feed'),
  ]
}

const INDEXED = {
  filterUserName: 'indexed filter userName eq',
  filterExternalId: 'indexed filter externalId eq',
  filterEmail: 'indexed filter emails[type eq … and value eq …]',
  filterEmployeeNumber: 'indexed filter employeeNumber eq',
}

type Pick = (lab: Lab) => Promise<Subject>

interface Asked {
  readonly script: ScriptName
  readonly connections?: number
  readonly group?: Group
  readonly share?: number
}

/** How many requests Signalbox answers while E answers one, with as many connections. */
function inE(what: string, goal: Goal | undefined, pick: Pick, asked: Asked): Plan {
  return {
    what,
    measure: async (lab) => {
      const first = contender(await pick(lab), asked)
      const second: Contender = { server: lab.express, script: 'constant', connections: first.connections }
      const { ratio, spread, first: measured } = await compare(lab.load, first, second, lab.pace)
      return [{ what, unit: 'E', goal, value: ratio, spread, measured }]
    },
  }
}

/** How much more a request costs here than there. */
function cost(
  what: string,
  goal: Goal,
  [here, there]: readonly [readonly [Pick, Asked], readonly [Pick, Asked]],
): Plan {
  return {
    what,
    measure: async (lab) => {
      const first = contender(await there[0](lab), there[1])
      const second = contender(await here[0](lab), here[1])
      const { ratio, spread, second: measured } = await compare(lab.load, first, second, lab.pace)
      return [{ what, unit: '×', goal, value: ratio, spread, measured }]
    },
  }
}

/** What the disk alone costs: one insert and one sync a request, and nothing that shares them. */
function insertInE(what: string): Plan {
  return {
    what,
    measure: async (lab) => {
      const first: Contender = { server: lab.express, script: 'insert', connections: 50 }
      const second: Contender = { server: lab.express, script: 'constant', connections: 50 }
      const { ratio, spread, first: measured } = await compare(lab.load, first, second, lab.pace)
      return [{ what, unit: 'E', goal: undefined, value: ratio, spread, measured }]
    },
  }
}

function absent(what: string, goal: string, why: string): Plan {
  return { what, measure: () => Promise.resolve([{ what, goal, why }]) }
}

function contender(
  { server, users }: Subject,
  { script, connections = 10, group = 'small', share = 0 }: Asked,
): Contender {
  return { server, users, script, connections, group, share }
}
