import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { configSchema, parseConfig } from '../../schemas/config.ts'
import { cases } from './config-cases.ts'

const example = parse(
  readFileSync(new URL('../../fixtures/resolve/configs/warehouse.yaml', import.meta.url), 'utf8'),
) as object

describe('parseConfig', () => {
  it('accepts a document that uses every section', () => {
    expect(parseConfig(example)).toMatchObject({ ok: true })
  })

  it.each([undefined, null, {}])('accepts %p as a configuration that says nothing', (document) => {
    const parsed = parseConfig(document)
    expect(parsed).toMatchObject({ ok: true, config: { connections: [], rules: [], roleOrder: {} } })
  })

  it('reads its own result as the same configuration', () => {
    const parsed = parseConfig(example)
    expect(parsed.ok && parseConfig(parsed.config)).toEqual(parsed)
  })

  it.each([
    ['QUERY_TOPICS', 'restricted_querier'],
    ['RESTRICTED_QUERIER', 'restricted_querier'],
    ['query_topics', 'restricted_querier'],
    ['NO_ACCESS', 'no_access'],
    ['Viewer', 'viewer'],
    ['CONNECTION_ADMIN', 'connection_admin'],
  ])('knows the base role %s as %s', (written, canonical) => {
    const connections = [{ name: 'warehouse', dialect: 'postgres', baseRole: written }]
    expect(parseConfig({ connections })).toMatchObject({
      ok: true,
      config: { connections: [{ baseRole: canonical }] },
    })
  })

  it.each(cases)('names $title', ({ document, errors }) => {
    expect(parseConfig(document)).toEqual({
      ok: false,
      errors: errors.map(([path, message]) => ({ path, message })),
    })
  })

  it.each(['input', 'output'] as const)('can be described in JSON Schema as %s', (io) => {
    expect(z.toJSONSchema(configSchema, { io })).toMatchObject({
      type: 'object',
      additionalProperties: false,
    })
  })

  it('names every wrong place at once', () => {
    const parsed = parseConfig({
      connections: [{ name: 7, dialect: 'postgres' }],
      rules: 'none',
      colour: 'red',
    })
    expect(parsed.ok ? [] : parsed.errors.map(({ path }) => path)).toEqual([
      'connections[0].name',
      'rules',
      'colour',
    ])
  })
})
