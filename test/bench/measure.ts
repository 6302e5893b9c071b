import type { Drive, Run } from './load.ts'
import type { Group } from './population.ts'
import type { Load, Server } from './processes.ts'

/** One side of a comparison. */
export interface Contender {
  readonly server: Server
  readonly script: Drive['script']
  readonly connections: number
  readonly users?: number
  readonly group?: Group
  readonly share?: number
}

/** What a contender came to over all rounds. */
export interface Measured {
  /** Medians of the rounds. */
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Share of one core that the server used. */
  readonly serverLoad: number
  /** Microseconds of CPU that the server used for a request: steadier than the rate where others share the machine. */
  readonly cpu: number
  /** Share of one core that the load generator used. */
  readonly generatorLoad: number
}

/** Two contenders, and the median over the rounds of how often the first answered while the second answered once. */
export interface Comparison {
  readonly ratio: number
  /** The lowest and the highest ratio of a round. */
  readonly spread: readonly [number, number]
  readonly first: Measured
  readonly second: Measured
}

export interface Pace {
  readonly rounds: number
  /** Length of one turn of one contender. */
  readonly ms: number
}

interface Round extends Run {
  readonly serverLoad: number
}

/**
 * Lets two contenders run in turns, so that whatever else slows the machine down slows both, and compares them
 * round by round. Who begins alternates; a first turn of each is not counted.
 */
export async function compare(
  load: Load,
  first: Contender,
  second: Contender,
  pace: Pace,
): Promise<Comparison> {
  const sides = [first, second].map((contender, index) => ({ name: `contender ${index}`, contender }))
  for (const { name, contender } of sides) await load.prepare(name, driveOf(contender))
  for (const { name } of sides) await load.run(name, { ms: pace.ms * 1.5 })

  const rounds: [Round[], Round[]] = [[], []]
  for (let round = 0; round < pace.rounds; round++) {
    for (const side of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const { name, contender } = sides[side]!
      rounds[side]!.push(await turn(load, name, contender, pace.ms))
    }
  }
  const ratios = rounds[0].map((run, index) => run.perSecond / rounds[1][index]!.perSecond)
  return {
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    first: summary(rounds[0]),
    second: summary(rounds[1]),
  }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function driveOf({
  server,
  script,
  connections,
  users = 0,
  group = 'small',
  share = 0,
}: Contender): Drive {
  const token = script === 'resolve' ? server.tokens.read : server.tokens.scim
  return { port: server.port, script, world: { token, connections, users, group, share } }
}

async function turn(load: Load, name: string, contender: Contender, ms: number): Promise<Round> {
  const before = await contender.server.usage()
  const run = await load.run(name, { ms })
  const after = await contender.server.usage()
  return { ...run, serverLoad: (after.cpu - before.cpu) / ((run.requests / run.perSecond) * 1000) }
}

function summary(rounds: readonly Round[]): Measured {
  const of = (read: (round: Round) => number): number => median(rounds.map(read))
  return {
    perSecond: of((round) => round.perSecond),
    p50: of((round) => round.p50),
    p99: of((round) => round.p99),
    serverLoad: of((round) => round.serverLoad),
    cpu: of((round) => (round.serverLoad / round.perSecond) * 1e6),
    generatorLoad: of((round) => round.ownLoad),
  }
}
