import { describe, expect, it } from '@jest/globals'
import { createRegistry } from '../../schemas/registry.ts'
import { type Config, parseConfig } from '../../schemas/config.ts'
import { compileModel } from '../../src/resolve/model.ts'
import { orderInTier } from '../../src/resolve/role.ts'
import { modelOf } from './cases.ts'

const roles = [
  { name: 'querier_no_upload', displayName: 'No upload', tier: 'querier', without: ['upload_data'] },
  {
    name: 'querier_plain',
    displayName: 'Plain',
    tier: 'querier',
    permissions: ['view_content', 'query_topics', 'query_full_model'],
  },
]

describe('compileModel', () => {
  it('gives every role a rank of its own, ordered by tier and then by the order inside it', () => {
    const model = modelOf({ roles, roleOrder: { querier: ['querier_plain'] } })
    const names = [...model.roles.values()].toSorted((left, right) => left.rank - right.rank)
    expect(names.map(({ name }) => name)).toEqual([
      'no_access',
      'viewer',
      'restricted_querier',
      'querier_no_upload',
      'querier',
      'querier_plain',
      'modeler',
      'connection_admin',
    ])
    expect(new Set(names.map(({ rank }) => rank)).size).toBe(names.length)
  })

  it('gives a custom role the permissions of its tier but for those it lacks', () => {
    const { permissions } = modelOf({ roles }).roles.get('querier_no_upload') ?? { permissions: [] }
    expect(permissions).toContain('use_workbooks')
    expect(permissions).not.toContain('upload_data')
  })

  it('knows every group that the configuration names, once, by its folded name', () => {
    const model = modelOf({
      userAttributes: [{ reference: 'team' }],
      connections: [
        {
          name: 'warehouse',
          dialect: 'postgres',
          environments: [{ connection: 'analyst', grantTo: { groups: ['Engineers'] } }],
        },
        { name: 'analyst', dialect: 'postgres' },
      ],
      rules: [
        { name: 'one', group: 'Finance', set: { team: 'a' } },
        { name: 'two', group: 'Finance', set: { team: 'b' } },
      ],
    })
    expect([...model.groupNames]).toEqual([
      ['finance', 'Finance'],
      ['engineers', 'Engineers'],
    ])
  })

  it('throws for a configuration that was not found right', () => {
    const parsed = parseConfig({})
    if (!parsed.ok) throw new Error('an empty configuration is right')
    const config: Config = { ...parsed.config, grants: [{ user: 'ada', role: 'viewer', on: 'nowhere' }] }
    const userType = createRegistry([]).resourceType('User')
    expect(() => compileModel(config, 1, userType)).toThrow('`nowhere` is not defined')
  })
})

describe('orderInTier', () => {
  it('puts the base role first and follows the file where nothing is ordered', () => {
    const { config } = modelOf({ roles })
    expect(orderInTier(config, 'querier')).toEqual(['querier', 'querier_no_upload', 'querier_plain'])
  })
})
