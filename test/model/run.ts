/**
 * Plays the model against servers for as long as wanted: `npm run test:model -- --plays 5000`.
 *
 * `--engine sqlite` or `--engine postgres` plays on one of them alone. What a failure prints as seed and path plays it
 * again: `--engine sqlite --seed 1 --path 2:3`.
 */
import fc from 'fast-check'
import { parseArgs } from 'node:util'
import { engines } from '../support/engines.ts'
import startPostgres from '../support/postgres-setup.ts'
import stopPostgres from '../support/postgres-teardown.ts'
import { play } from './play.ts'
import { plays } from './plays/steps.ts'
import { report, startCounts } from './report.ts'
import { openStage } from './stage.ts'

const { values: options } = parseArgs({
  options: {
    plays: { type: 'string', default: '1000' },
    engine: { type: 'string' },
    seed: { type: 'string' },
    path: { type: 'string' },
  },
})

const chosen = engines.filter((engine) => options.engine === undefined || engine === options.engine)
if (chosen.includes('postgres')) await startPostgres()
try {
  for (const engine of chosen) if (!(await playOn(engine))) process.exitCode = 1
} finally {
  if (chosen.includes('postgres')) await stopPostgres()
}

async function playOn(engine: (typeof engines)[number]): Promise<boolean> {
  const counts = startCounts()
  const stage = await openStage(engine)
  const property = fc.asyncProperty(plays, fc.boolean(), async (steps, strict) => {
    await play(steps, await stage.open(strict), counts)
    if (process.stderr.isTTY) process.stderr.write(`\r${engine}: ${counts.plays} of ${options.plays} plays`)
  })
  const { failed, seed, counterexamplePath, errorInstance } = await fc.check(property, {
    numRuns: Number(options.plays),
    ...(options.seed !== undefined && { seed: Number(options.seed) }),
    ...(options.path !== undefined && { path: options.path }),
  })
  await stage.stop()
  if (process.stderr.isTTY) process.stderr.write('\r')
  if (!failed) console.log(`${report(engine, counts)} (seed ${seed})`)
  else
    console.log(`${engine}: --seed ${seed} --path ${counterexamplePath}\n${(errorInstance as Error).message}`)
  return !failed
}
