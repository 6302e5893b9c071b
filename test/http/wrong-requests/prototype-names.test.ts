import { describe, expect, it } from '@jest/globals'
import {
  ask,
  enterprise,
  expectNothingChanged,
  expectScimError,
  patchOp,
  onEachEngine,
  user,
} from './stage.ts'

onEachEngine(() => {
  describe('an attribute that is named like a part of a JavaScript object', () => {
    const names = [
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      'hasOwnProperty',
      'valueOf',
      '__defineGetter__',
      'constructor.prototype',
      'toString.x',
    ]
    const globals = describeGlobals()

    it.each(names)('`%s` changes nothing in a new resource', async (name) => {
      const raw = (inner: string): string => `{"${name}":{"polluted":true,"isAdmin":true},${inner}}`
      const body = raw(
        `"schemas":["${user}"],"userName":"proto@example.com","name":${raw('"givenName":"P"')},"emails":[${raw('"value":"p@example.com"')}],"${enterprise}":${raw('"department":"D"')}`,
      )
      const answer = await ask({ send: 'POST /Users', body, status: 0 })
      if (answer.status === 201) {
        expect(answer.text).not.toContain('polluted')
        const id = (answer.json as { id: string }).id
        expect((await ask({ send: `GET /Users/${id}`, status: 200 })).json).toEqual(answer.json)
        expect((await ask({ send: `DELETE /Users/${id}`, status: 204 })).status).toBe(204)
      } else {
        expect(answer.status).toBe(400)
        expectScimError(answer, expect.any(String))
      }
      expect(describeGlobals()).toEqual(globals)
      await expectNothingChanged()
    })

    it.each(names)(
      'PAT-28 `%s` changes nothing as a path, as a key in a value, or in a query',
      async (name) => {
        const value = `{"polluted":true}`
        const operations = [
          `{"op":"replace","path":"${name}","value":${value}}`,
          `{"op":"add","path":"${name}.polluted","value":true}`,
          `{"op":"add","path":"name.${name}","value":${value}}`,
          `{"op":"add","path":"${enterprise}:${name}","value":${value}}`,
          `{"op":"add","path":"emails[${name} eq \\"x\\"].value","value":"x"}`,
          `{"op":"add","value":{"${name}":${value}}}`,
          `{"op":"replace","value":{"name":{"${name}":${value}}}}`,
          `{"op":"replace","value":{"${enterprise}":{"${name}":${value}}}}`,
          `{"op":"remove","path":"${name}"}`,
        ]
        for (const operation of operations) {
          const body = `{"schemas":["${patchOp}"],"Operations":[${operation}]}`
          const answer = await ask({ send: 'PATCH /Users/{ours.ada}', body, status: 0 })
          expect([operation, [200, 204, 400].includes(answer.status)]).toEqual([operation, true])
          if (answer.status === 400) expectScimError(answer, expect.any(String))
        }
        for (const query of [
          `attributes=${name}`,
          `excludedAttributes=${name}`,
          `sortBy=${name}`,
          `${name}=x`,
        ]) {
          const answer = await ask({ send: `GET /Users?${query}`, status: 0 })
          expect([query, [200, 400].includes(answer.status)]).toEqual([query, true])
        }
        expect(describeGlobals()).toEqual(globals)
        await expectNothingChanged()
      },
    )
  })
})

/** What stands on the objects that every other object inherits from. */
function describeGlobals(): string[][] {
  const prototypes = [Object.prototype, Array.prototype, String.prototype, Function.prototype, Map.prototype]
  return prototypes.map((prototype) => Reflect.ownKeys(prototype).map(String))
}
