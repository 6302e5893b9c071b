/**
 * The load generator: a process of its own, so that it takes no time from the server it drives.
 *
 * The parent prepares drivers by name and lets them run in turns; a driver goes on where it stopped.
 */
import { performance } from 'node:perf_hooks'
import { openConnection } from './connection.ts'
import type { Connection } from './connection.ts'
import { scripts } from './scripts.ts'
import type { Script, ScriptName, World } from './scripts.ts'

/** A server and what it is asked. */
export interface Drive {
  readonly port: number
  readonly script: ScriptName
  readonly world: World
}

/** Runs end at a time or at a number of requests. */
export type Until = { readonly ms: number } | { readonly requests: number }

export type Order =
  | { readonly kind: 'prepare'; readonly driver: string; readonly drive: Drive }
  | { readonly kind: 'run'; readonly driver: string; readonly until: Until }

/** What one run came to. */
export interface Run {
  readonly requests: number
  readonly perSecond: number
  readonly p50: number
  readonly p99: number
  /** Share of one core that the generator itself used: near 1 it measures itself. */
  readonly ownLoad: number
}

interface Driver {
  readonly drive: Drive
  readonly script: Script
  readonly steps: number[]
}

const drivers = new Map<string, Driver>()

process.on('message', (order: Order) => {
  follow(order).then(
    (run) => process.send?.({ run }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  )
})

process.on('disconnect', () => process.exit())

async function follow(order: Order): Promise<Run | undefined> {
  if (order.kind === 'prepare') {
    const { world, script } = order.drive
    drivers.set(order.driver, {
      drive: order.drive,
      script: scripts[script](world),
      steps: Array.from({ length: world.connections }, () => 0),
    })
    return undefined
  }
  const driver = drivers.get(order.driver)
  if (driver === undefined) throw new Error(`no driver \`${order.driver}\``)
  return run(driver, order.until)
}

async function run(driver: Driver, until: Until): Promise<Run> {
  const { port, world } = driver.drive
  const connections = await Promise.all(
    Array.from({ length: world.connections }, () => openConnection('127.0.0.1', port)),
  )
  const latencies: number[] = []
  const start = performance.now()
  const cpu = process.cpuUsage()
  const mayGoOn = 'ms' in until ? () => performance.now() < start + until.ms : countdown(until.requests)
  try {
    await Promise.all(
      connections.map((connection, index) => talk(driver, connection, index, mayGoOn, latencies)),
    )
  } finally {
    for (const connection of connections) connection.close()
  }
  const elapsed = performance.now() - start
  const used = process.cpuUsage(cpu)
  latencies.sort((a, b) => a - b)
  return {
    requests: latencies.length,
    perSecond: (latencies.length / elapsed) * 1000,
    p50: latencies[Math.floor(latencies.length * 0.5)] ?? 0,
    p99: latencies[Math.floor(latencies.length * 0.99)] ?? 0,
    ownLoad: (used.user + used.system) / 1000 / elapsed,
  }
}

async function talk(
  driver: Driver,
  connection: Connection,
  index: number,
  mayGoOn: () => boolean,
  latencies: number[],
): Promise<void> {
  while (mayGoOn()) {
    const step = driver.steps[index] ?? 0
    driver.steps[index] = step + 1
    const request = driver.script(index, step)
    const sent = performance.now()
    await connection.send(request)
    latencies.push(performance.now() - sent)
  }
}

function countdown(requests: number): () => boolean {
  let left = requests
  return () => left-- > 0
}
