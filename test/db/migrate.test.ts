import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openStore } from '../../db/open.ts'
import { createPlace, engines, type Place } from '../support/engines.ts'

const all = readdirSync(path.join(import.meta.dirname, '../../db/migrations'))
  .map((file) => file.replace(/\.ts$/, ''))
  .toSorted()

describe.each(engines)('migrations on %s', (name) => {
  let place: Place
  beforeEach(async () => {
    place = await createPlace(name)
  })
  afterEach(() => place.remove())

  it('run once', async () => {
    const engine = await openStore(place.url)
    expect(await engine.migrate()).toEqual(all)
    expect(await engine.migrate()).toEqual([])
    await engine.close()
  })
})

describe('migrations on postgres', () => {
  it('run once when many processes start at once', async () => {
    const place = await createPlace('postgres')
    const starters = await Promise.all(Array.from({ length: 4 }, () => openStore(place.url)))
    const ran = await Promise.all(starters.map((engine) => engine.migrate()))
    await Promise.all(starters.map((engine) => engine.close()))
    await place.remove()
    expect(ran.flat()).toEqual(all)
  })
})
