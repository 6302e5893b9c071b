import { describe, expect, it } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { applyPatch } from '../../../src/scim/patch/apply.ts'
import { splitMembers } from '../../../src/scim/patch/members.ts'
import { readPatch } from '../../../src/scim/patch/read.ts'
import type { Resource, Value } from '../../../src/scim/resource/resource.ts'
import { failure, groupType, print, userType } from '../support.ts'

/** One case of `fixtures/rfc`: what the operations make of `given`, or the scimType they fail with. */
interface Case {
  readonly name: string
  readonly given?: Resource
  readonly strict?: boolean
  readonly operations: readonly unknown[]
  readonly error?: string
  readonly changed?: false
  /** The attributes that are different afterwards; null for one that is gone. */
  readonly differs?: Resource
  readonly members?: readonly unknown[]
  readonly rewrites?: readonly string[]
  readonly ignored?: readonly string[]
}

interface File {
  readonly given: Resource
  readonly cases: readonly Case[]
}

const load = (file: string) =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/rfc/${file}.json`, import.meta.url), 'utf8')) as File

const request = ({ operations }: Case) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
})

describe.each([
  'rfc7644-3.5.2-patch',
  'rfc7644-3.5.2.1-add',
  'rfc7644-3.5.2.2-remove',
  'rfc7644-3.5.2.3-replace',
  'rewrites',
])('%s', (file) => {
  const { given: usual, cases } = load(file)

  it.each(cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
    const given = frozen(each.given ?? usual)
    const reading = { strict: each.strict ?? false }
    const run = () => applyPatch(given, readPatch(request(each), userType, reading), userType)
    if (each.error !== undefined) {
      expect(failure(run)).toBe(each.error)
      return
    }
    const { resource, changed, notices } = run()
    expect(resource).toEqual(each.differs ? without(null, { ...given, ...each.differs }) : given)
    expect(changed).toBe(each.changed ?? true)
    expect(resource === given).toBe(!changed)
    if (each.rewrites) expect([...notices.rewrites].sort()).toEqual([...each.rewrites].sort())
    if (each.ignored) expect(notices.ignored).toEqual(each.ignored)
    if (each.strict) expect(notices).toEqual({ ignored: [], rewrites: [] })
  })

  it('reads the same in tolerant mode wherever strict mode reads it', () => {
    for (const each of cases.filter(({ strict, error }) => strict && error === undefined)) {
      const given = each.given ?? usual
      const [strict, tolerant] = [true, false].map((literal) =>
        applyPatch(given, readPatch(request(each), userType, { strict: literal }), userType),
      )
      expect([each.name, tolerant?.resource]).toEqual([each.name, strict?.resource])
    }
  })
})

describe('rfc7643-4.2-members', () => {
  it.each(load('rfc7643-4.2-members').cases.map((each) => [each.name, each] as const))('%s', (_, each) => {
    const run = () => readPatch(request(each), groupType, { strict: each.strict ?? false })
    if (each.error !== undefined) {
      expect(failure(run)).toBe(each.error)
      return
    }
    const patch = run()
    const { members, rest } = splitMembers(patch)
    expect(
      members.map((each) => (each.kind === 'removeWhere' ? { ...each, filter: print(each.filter) } : each)),
    ).toEqual(each.members)
    expect(rest.operations).toEqual(patch.operations.filter(({ op }) => op !== 'members'))
    if (each.rewrites) expect([...patch.notices.rewrites].sort()).toEqual([...each.rewrites].sort())
  })
})

function without(unwanted: Value, resource: Resource): Resource {
  return Object.fromEntries(Object.entries(resource).filter(([, value]) => value !== unwanted))
}

/** A value that throws when anybody changes it. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen)
  return Object.freeze(value)
}
