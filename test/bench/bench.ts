/**
 * Measures Signalbox against a bare Express server on the same machine and prints the ratios: `npm run bench`.
 *
 * `--full` goes to 1 000 000 users, `--users <number>` to fewer for a quick look; `--only <text>` measures the rows
 * that contain the text; `--json <file>` writes the table for programs as well.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openLab } from './lab.ts'
import type { Lab } from './lab.ts'
import { compare } from './measure.ts'
import { startLimit } from './processes.ts'
import { heading, rowJson, rowText, thousands } from './report.ts'
import type { Row } from './report.ts'
import { plans } from './rows.ts'

const { values: options } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    users: { type: 'string', default: '100000' },
    only: { type: 'string', default: '' },
    json: { type: 'string' },
  },
})

const users = Number(options.users)
const sizes = {
  large: users,
  largest: options.full ? 1_000_000 : users,
  postgres: options.full ? users : Math.min(users, 20_000),
  sync: options.full ? users : Math.min(users, 20_000),
}
const started = Date.now()
const pace = { rounds: options.full ? 9 : 5, ms: options.full ? 1500 : 500 }
const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'))
const note = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\x1b[2K\r${text.slice(0, 100)}\r`)
}

const lab = await openLab(folder, pace, note)
try {
  const machine = `Node ${process.version}, ${availableParallelism()} cores, ${process.platform}`
  const yardstick = await measureYardstick(lab)
  console.log(`${machine}; ${pace.rounds} rounds of ${pace.ms} ms, medians`)
  console.log(
    `E = ${thousands(yardstick.perSecond)} requests/s, ${yardstick.cpu.toFixed(0)} µs of CPU each; the load generator alone reaches ${yardstick.limit.toFixed(1)} E\n`,
  )
  console.log(heading)

  const rows: Row[] = []
  for (const plan of plans(sizes).filter(({ what }) => what.includes(options.only))) {
    note(plan.what)
    for (const row of await plan.measure(lab)) {
      rows.push(row)
      note('')
      console.log(rowText(row))
    }
  }
  console.log(`\n${Math.round((Date.now() - started) / 1000)} s`)
  if (options.json !== undefined) {
    const result = { machine, pace, yardstick, rows: rows.map(rowJson) }
    writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`)
  }
} finally {
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
}

interface Yardstick {
  readonly perSecond: number
  /** Microseconds of a request. */
  readonly cpu: number
  /** What the load generator reaches where nothing slows it down, in E. */
  readonly limit: number
}

/** E itself, and how much more the load generator could drive: below 3 E it would be measuring itself. */
async function measureYardstick({ load, express }: Lab): Promise<Yardstick> {
  const limit = await startLimit()
  try {
    const asked = { script: 'constant', connections: 10 } as const
    const compared = await compare(load, { server: limit, ...asked }, { server: express, ...asked }, pace)
    return { perSecond: compared.second.perSecond, cpu: compared.second.cpu, limit: compared.ratio }
  } finally {
    await limit.stop()
  }
}
