import type { Lab } from './lab.ts'
import { driveOf, median } from './measure.ts'
import type { Server } from './processes.ts'
import type { Outcome } from './report.ts'

/** Slices of a phase, each set against E in its own moment. */
const slices = 10

/**
 * A directory arrives for the first time: all users, then a group of three hundred for every hundred of them.
 *
 * Tells how fast the last fifth went against the first, and how much memory the server held more after the last
 * slice than after the first.
 */
export async function firstSync(lab: Lab, server: Server, users: number): Promise<Outcome[]> {
  const { load, express } = lab
  await load.prepare('sync', driveOf({ server, script: 'firstSync', connections: 10, users }))
  await load.prepare('E', driveOf({ server: express, script: 'constant', connections: 10 }))
  await load.run('E', { ms: 500 })

  const groups = Math.ceil(users / 100)
  const userSlices = await phase(lab, server, users)
  const groupSlices = await phase(lab, server, groups * 4)
  const first = userSlices[0]!
  const last = groupSlices.at(-1)!
  const size = `${users} users, ${groups} groups`
  return [
    {
      what: `first sync (${size}): users, rate at the end against the start`,
      unit: '×',
      goal: { atLeast: 0.9 },
      value: endAgainstStart(userSlices),
      note: `${Math.round(median(userSlices.map(({ perSecond }) => perSecond)))} users/s`,
    },
    {
      what: 'first sync: memberships, rate at the end against the start',
      unit: '×',
      goal: { atLeast: 0.9 },
      value: endAgainstStart(groupSlices),
      note: `${Math.round(median(groupSlices.map(({ perSecond }) => perSecond)) * 75)} memberships/s`,
    },
    {
      what: 'first sync: live memory at the end against the first tenth',
      unit: '×',
      goal: { atMost: 1.2 },
      value: last.heap / first.heap,
      note: `${megabytes(first.heap)} → ${megabytes(last.heap)} MB live, ${megabytes(first.rss)} → ${megabytes(last.rss)} MB resident`,
    },
  ]
}

interface Slice {
  readonly perSecond: number
  readonly inE: number
  readonly heap: number
  readonly rss: number
}

async function phase({ load }: Lab, server: Server, requests: number): Promise<Slice[]> {
  const result: Slice[] = []
  for (let slice = 0; slice < slices; slice++) {
    const from = Math.round((requests * slice) / slices)
    const to = Math.round((requests * (slice + 1)) / slices)
    const { perSecond } = await load.run('sync', { requests: to - from })
    const yardstick = await load.run('E', { ms: 250 })
    const { heap, rss } = await server.usage(true)
    result.push({ perSecond, inE: perSecond / yardstick.perSecond, heap, rss })
  }
  return result
}

function endAgainstStart(measured: readonly Slice[]): number {
  const inE = measured.map((slice) => slice.inE)
  const fifth = Math.floor(slices / 5)
  // The very first slice also compiles the server's code.
  return mean(inE.slice(-fifth)) / mean(inE.slice(1, 1 + fifth))
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0)
}
