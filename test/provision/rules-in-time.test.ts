import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Context } from '../../src/context.ts'
import { storeDecisions } from '../../src/provision/consequences.ts'
import { changeFacts } from '../../src/provision/unit-of-work.ts'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { resolve } from '../../src/provision/resolve.ts'
import { usersWithDueDecisions } from '../../src/store/decisions.ts'
import { administer } from '../support/admin.ts'
import { engines } from '../support/engines.ts'
import { scimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

const BEGINS = '2998-01-01T00:00:00.000Z'
const ENDS = '2999-01-01T00:00:00.000Z'

describe.each(engines)('a rule with a time, on %s,', (engine) => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ engine })
    const okta = await scimDirectory(server, 'okta')
    await okta.createGroup('On Call', [await okta.createUser({ userName: 'ada' })])
    await administer(server, 'POST', '/apply', {
      connections: [{ name: 'lake', dialect: 'postgres', baseRole: 'viewer' }],
      rules: [
        {
          name: 'on call',
          group: 'On Call',
          grant: { role: 'querier', on: 'lake' },
          from: BEGINS,
          until: ENDS,
        },
      ],
    })
    await recomputeAll(server.ctx, () => {})
  })
  afterAll(() => server.stop())

  const at = (now: string): Context => ({ ...server.ctx, now: () => now })
  const roleAt = async (now: string) => {
    const answer = JSON.parse(await resolve(at(now), { user: 'ada', connection: 'lake' })) as {
      role: { name: string }
    }
    return answer.role.name
  }

  it('counts from its first moment until its last, whatever is stored', async () => {
    expect(await roleAt(server.ctx.now())).toBe('viewer')
    expect(await roleAt(BEGINS)).toBe('querier')
    expect(await roleAt(ENDS)).toBe('viewer')
  })

  it('is decided again when it begins and when it ends', async () => {
    const { engine: store, now } = server.ctx
    const due = (moment: string) => usersWithDueDecisions(store.read, moment, 10)
    const decideAt = async (moment: string) => {
      const seqs = await due(moment)
      return changeFacts(at(moment), (ctx, db, rules) => storeDecisions(ctx, db, rules, seqs))
    }
    expect(await due(now())).toEqual([])
    expect(await decideAt(BEGINS)).toEqual([expect.objectContaining({ connection: 'lake', role: 'querier' })])
    expect(await due(BEGINS)).toEqual([])
    expect(await decideAt(ENDS)).toEqual([expect.objectContaining({ connection: 'lake', role: 'viewer' })])
    expect(await due(ENDS)).toEqual([])
  })
})
