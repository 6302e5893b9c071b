/** How fast the pure functions are: from facts to a decision, and the decision alone; prints rows of the table. */
import { performance } from 'node:perf_hooks'
import { parseConfig } from '../../schemas/config.ts'
import { userExtensions } from '../../schemas/user-extensions.ts'
import { createRegistry } from '../../schemas/registry.ts'
import type { Facts } from '../../src/mapping/facts.ts'
import { map } from '../../src/mapping/map.ts'
import { decide } from '../../src/resolve/decide.ts'
import { compileModel } from '../../src/resolve/model.ts'
import { fold } from '../../src/scim/fold.ts'
import { readResource } from '../../src/scim/resource/read.ts'
import { configuration, groupId, groupName, userBody, userId, userName } from './population.ts'
import type { Outcome } from './report.ts'

const parsed = parseConfig(configuration)
if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors))
const userType = createRegistry(userExtensions(parsed.config)).resourceType('User')
const model = compileModel(parsed.config, 1, userType)

const people = Array.from({ length: 300 }, (_, index) => factsOf(index))
const mapped = people.map((facts) => map(model, facts))
const question = { connection: 'warehouse' }

const rows: Outcome[] = [
  row('decisions from facts, in process', (index) => decide(model, map(model, people[index]!), question)),
  row('decisions from mapped facts, in process', (index) => decide(model, mapped[index]!, question)),
]
console.log(JSON.stringify(rows))

/** Everybody is in the large group through another one; every third is in the small group too. */
function factsOf(index: number): Facts {
  const large = { id: groupId('large'), displayName: groupName('large'), members: ['department'] }
  const department = { id: 'department', displayName: 'Department', members: [userId(index)] }
  const small = { id: groupId('small'), displayName: groupName('small'), members: [userId(index)] }
  return {
    user: {
      id: userId(index),
      userName: userName(index),
      names: [fold(userName(index))],
      active: index % 20 !== 0,
      resource: readResource(userBody(index), userType).resource,
    },
    directory: { id: 'bench', name: 'bench' },
    groups: index % 3 === 0 ? [large, department, small] : [large, department],
    bindings: new Map([
      [fold(groupName('small')), groupId('small')],
      [fold(groupName('large')), groupId('large')],
    ]),
    at: '2026-01-01T00:00:00.000Z',
  }
}

/** Runs for half a second after half a second of warming up. */
function row(what: string, run: (index: number) => unknown): Outcome {
  let kept: unknown
  const runFor = (ms: number): number => {
    const start = performance.now()
    let runs = 0
    for (; performance.now() < start + ms; runs += people.length) {
      for (let index = 0; index < people.length; index++) kept = run(index)
    }
    return (runs / (performance.now() - start)) * 1000
  }
  runFor(500)
  const value = runFor(500)
  if (kept === undefined) throw new Error('nothing was decided')
  return { what, unit: '/s', goal: undefined, value }
}
