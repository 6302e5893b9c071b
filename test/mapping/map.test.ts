import { describe, expect, it } from '@jest/globals'
import type { Facts } from '../../src/mapping/facts.ts'
import { map } from '../../src/mapping/map.ts'
import { modelOf } from '../resolve/cases.ts'

const model = modelOf({
  userAttributes: [
    { reference: 'team', default: 'none' },
    { reference: 'region', from: 'addresses.region', multiple: true },
    { reference: 'level', type: 'number', from: 'title' },
  ],
  connections: [
    {
      name: 'warehouse',
      dialect: 'postgres',
      environmentAttribute: 'team',
      environments: [{ connection: 'lab', values: ['lab'], grantTo: { users: ['Ada'], groups: ['Lab'] } }],
    },
    { name: 'lab', dialect: 'postgres', environmentAttribute: 'team' },
  ],
  rules: [
    { name: 'lab', group: 'Lab', grant: { role: 'modeler', on: 'lab' }, set: { team: 'lab' } },
    { name: 'staff', when: 'userType eq "Employee"', grant: { role: 'viewer', on: 'warehouse' } },
  ],
})
const ada: Facts = {
  user: { id: 'ada', userName: 'ada', names: ['ada'], active: true, resource: {} },
  directory: { id: 'directory', name: 'okta' },
  groups: [{ id: 'g1', displayName: 'Lab', members: ['ada'] }],
  bindings: new Map([['lab', 'g1']]),
  at: '2026-06-01T00:00:00.000Z',
}
const withResource = (resource: Facts['user']['resource']): Facts => ({
  ...ada,
  user: { ...ada.user, resource },
})

describe('map', () => {
  it('gives an inactive user nothing at all', () => {
    const mapped = map(model, { ...ada, user: { ...ada.user, active: false } })
    expect(mapped).toEqual({
      user: { id: 'ada', userName: 'ada', active: false },
      attributes: {},
      values: new Map(),
      grants: new Map(),
      baseCounts: false,
      picks: new Map(),
      validUntil: null,
    })
  })

  it('sends every user attribute, those without a value as null', () => {
    expect(map(model, ada).attributes).toEqual({ team: 'lab', region: null, level: null })
  })

  it('sends an attribute that takes several values as a list, also of one', () => {
    const resource = { addresses: [{ region: 'emea' }, { type: 'home' }] }
    expect(map(model, withResource(resource)).attributes['region']).toEqual(['emea'])
  })

  it('sends a number as a number unless it would lose digits', () => {
    expect(map(model, withResource({ title: '2.50' })).attributes['level']).toBe(2.5)
    expect(map(model, withResource({ title: '9007199254740993' })).attributes['level']).toBe(
      '9007199254740993',
    )
  })

  it('lists the grants of each target, and no others', () => {
    const { grants } = map(model, ada)
    expect([...grants].map(([target, list]) => [target.name, list.map(({ role }) => role.name)])).toEqual([
      ['lab', ['modeler']],
    ])
  })

  it('prefers the right that is given to the user to that of a group', () => {
    const { picks } = map(model, ada)
    expect([...picks].map(([{ connection }, { how }]) => [connection, how])).toEqual([
      ['lab', 'granted to this user'],
    ])
  })

  it('applies a ceiling that speaks of tiers alone to tiers alone', () => {
    const directory = { ...ada.directory, mayGrant: { upTo: 'viewer' as const } }
    const mapped = map(model, { ...ada, directory })
    expect(mapped.attributes['team']).toBe('lab')
    expect([...mapped.grants.values()].flat().map(({ state }) => state)).toEqual(['refused'])
  })

  it('leaves the facts as they are', () => {
    const before = structuredClone(ada)
    map(model, ada)
    expect(ada).toEqual(before)
  })
})
