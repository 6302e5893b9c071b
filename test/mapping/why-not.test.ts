import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { whyNot } from '../../src/mapping/why-not.ts'
import { factsCase, factsOf, modelOf } from '../resolve/cases.ts'

const { about, config, cases } = z
  .strictObject({
    about: z.string(),
    config: z.record(z.string(), z.unknown()),
    cases: z.array(
      z.strictObject({
        description: z.string(),
        /** Sections that stand instead of those of the file. */
        config: z.record(z.string(), z.unknown()).default({}),
        facts: factsCase.prefault({}),
        question: z.strictObject({ model: z.string(), environment: z.string() }).partial().default({}),
        wanted: z.union([z.strictObject({ role: z.string() }), z.strictObject({ environment: z.string() })]),
        has: z.boolean(),
        ways: z.array(
          z.strictObject({ text: z.string(), rule: z.string().optional(), fails: z.array(z.string()) }),
        ),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('../../fixtures/why-not/cases.json', import.meta.url), 'utf8')))

describe(about, () => {
  it.each(cases)('$description', (given) => {
    const facts = factsOf(given)
    if (facts === undefined) throw new Error('a case is about somebody')
    const { wanted } = given
    const model = modelOf({ ...config, ...given.config })
    const role = 'role' in wanted ? model.roles.get(wanted.role) : undefined
    const found = whyNot(
      model,
      facts,
      { connection: 'warehouse', ...given.question },
      role === undefined ? (wanted as { environment: string }) : { role },
    )
    expect(found).toEqual({ wanted, has: given.has, ways: given.ways, more: 0 })
  })
})
