/** How long it takes to plan a change over a whole database: `node plan.ts <database url>`; prints rows of the table. */
import { performance } from 'node:perf_hooks'
import { openStore } from '../../db/open.ts'
import { createContext } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { lintInForce } from '../../src/provision/lint.ts'
import { beginPlan, readPlan } from '../../src/provision/plan.ts'
import { configuration } from './population.ts'
import { thousands, type Outcome } from './report.ts'

const [url = ''] = process.argv.slice(2)
const engine = await openStore(url)
const ctx = createContext({
  engine,
  log: createLog('silent'),
  publicUrl: 'http://127.0.0.1:8080',
  secretKey: 'a key that protects nothing but a benchmark',
})

let started = performance.now()
const withoutRule = { ...configuration, rules: configuration.rules.slice(1) }
const { id, ended } = await beginPlan(ctx, { actor: 'bench', requestId: 'plan' }, withoutRule)
await ended
const { state, summary } = await readPlan(ctx, id)
const plan = row(`plan over ${thousands(summary?.people ?? 0)} users, one rule removed`, 10)
if (state !== 'done') throw new Error('the plan failed')

started = performance.now()
await lintInForce(ctx)
const lint = row(`lint over ${thousands(summary?.people ?? 0)} users`, 2)
await engine.close()
console.log(JSON.stringify([plan, lint]))

function row(what: string, atMost: number): Outcome {
  return { what, unit: 's', goal: { atMost }, value: (performance.now() - started) / 1000 }
}
