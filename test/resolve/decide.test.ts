import { describe, expect, it } from '@jest/globals'
import { map } from '../../src/mapping/map.ts'
import { decide, unknownUser } from '../../src/resolve/decide.ts'
import { caseFiles, factsOf, modelOf } from './cases.ts'

describe.each(caseFiles)('$file: $about', ({ cases }) => {
  it.each(cases)('$description', (given) => {
    const model = modelOf(given.config)
    const facts = factsOf(given)
    const question = { ...given.question, connection: given.question.connection ?? 'warehouse' }
    const mapped = facts && map(model, facts)
    const decision = mapped ? decide(model, mapped, question) : unknownUser(question)

    const { reason, environment, role, attributes, because } = given
    expect(decision).toEqual({
      decision: given.decision,
      reason,
      environment,
      role,
      permissions: given.decision === 'allow' ? model.roles.get(role?.name ?? '')?.permissions : [],
      attributes,
      because,
    })
    expect(mapped?.validUntil ?? null).toBe(given.validUntil)
  })
})

describe('decide', () => {
  const model = modelOf({
    connections: [
      { name: 'warehouse', dialect: 'postgres', baseRole: 'viewer' },
      { name: 'lake', dialect: 'postgres', baseRole: 'viewer' },
    ],
    models: [{ name: 'sales', connection: 'warehouse' }],
  })
  const mapped = map(model, {
    user: { id: 'ada', userName: 'ada', names: ['ada'], active: true, resource: {} },
    directory: { id: 'directory', name: 'okta' },
    groups: [],
    bindings: new Map(),
    at: '2026-06-01T00:00:00.000Z',
  })

  it('throws for a connection that is not in the model', () => {
    expect(() => decide(model, mapped, { connection: 'nowhere' })).toThrow('there is no connection `nowhere`')
  })

  it('throws for a model of another connection', () => {
    expect(() => decide(model, mapped, { connection: 'lake', model: 'sales' })).toThrow(
      'there is no model `sales` on connection `lake`',
    )
  })
})
