import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { engines } from '../support/engines.ts'
import { play } from './play.ts'
import { plays } from './plays/steps.ts'
import { report, startCounts } from './report.ts'
import { openStage } from './stage.ts'
import type { Stage } from './stage.ts'

/** How often it is played here; `npm run test:model` plays as long as wanted. */
const PLAYS = 100

describe('the model', () => {
  it('knows nothing of what it is compared with', () => {
    const folder = path.join(import.meta.dirname, 'model')
    const foreign = readdirSync(folder).flatMap((file) =>
      Array.from(
        readFileSync(path.join(folder, file), 'utf8').matchAll(/from '(.*)'/g),
        ([, name = '']) => name,
      ),
    )
    expect(foreign.filter((name) => !/^\.\/[\w-]+\.ts$/.test(name))).toEqual([])
  })
})

describe.each(engines)('a server on %s', (engine) => {
  const counts = startCounts()
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage(engine)
  })
  afterAll(async () => {
    await stage?.stop()
    process.stdout.write(`${report(engine, counts)}\n`)
  })

  it('does in every play what the model does', async () => {
    await fc.assert(
      fc.asyncProperty(plays, fc.boolean(), async (steps, strict) => {
        await play(steps, await stage.open(strict), counts)
      }),
      { numRuns: PLAYS, interruptAfterTimeLimit: 300_000 },
    )
  }, 600_000)
})
