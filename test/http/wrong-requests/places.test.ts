import { describe, expect, it } from '@jest/globals'
import { send } from '../../support/wire.ts'
import type { WireRequest } from '../../support/wire.ts'
import { named } from './requests.ts'
import {
  check,
  enterprise,
  expectNothingChanged,
  expectScimError,
  fill,
  group,
  json,
  patchOp,
  onEachEngine,
  user,
} from './stage.ts'
import type { WrongRequest } from './stage.ts'

onEachEngine((stage) => {
  describe('a place that is not there', () => {
    const gone = (line: string, body?: unknown): WrongRequest => ({ send: line, body, status: 404 })
    const change = { schemas: [patchOp], Operations: [{ op: 'replace', path: 'displayName', value: 'x' }] }
    const ids = [
      'nobody',
      '00000000-0000-4000-8000-00000000ffff',
      '{theirs.ada}',
      '..%2f..',
      '1%27%20or%201%3D1',
      '{OURS.ADA}',
    ]
    check(
      Object.fromEntries(
        ids.flatMap((id) => [
          [`reading user ${id}`, gone(`GET /Users/${id}`)],
          [`replacing user ${id}`, gone(`PUT /Users/${id}`, named({}))],
          [`changing user ${id}`, gone(`PATCH /Users/${id}`, change)],
          [`deleting user ${id}`, gone(`DELETE /Users/${id}`)],
        ]),
      ),
    )
    check({
      'reading a user as a group': gone('GET /Groups/{ours.ada}'),
      'deleting a group as a user': gone('DELETE /Users/{ours.group}'),
      'reading the group of another directory': gone('GET /Groups/{theirs.group}'),
      'replacing the group of another directory': gone('PUT /Groups/{theirs.group}', {
        schemas: [group],
        displayName: 'x',
      }),
      'changing the group of another directory': gone('PATCH /Groups/{theirs.group}', change),
      'deleting the group of another directory': gone('DELETE /Groups/{theirs.group}'),
      'an unknown endpoint': gone('GET /Nothing'),
      'an unknown endpoint with a body': gone('POST /Nothing', named({})),
      'a path below a user': gone('GET /Users/{ours.ada}/emails'),
      'a path below that of a user': gone('PATCH /Users/{ours.ada}/emails/work', change),
      'an unknown schema': gone('GET /Schemas/urn:nothing'),
      'an unknown resource type': gone('GET /ResourceTypes/Device'),
      'a schema named after a prototype': gone('GET /Schemas/__proto__'),
      'a resource type named after a prototype': gone('GET /ResourceTypes/constructor'),
      'an id with U+0000': { send: 'GET /Users/%00', status: 400, scimType: 'invalidValue' },
      'deleting an id with U+0000': { send: 'DELETE /Users/a%00', status: 400, scimType: 'invalidValue' },
      'the path of an id that cannot be decoded': {
        send: 'GET /Users/%E0%A4%A',
        status: 400,
        scimType: 'invalidSyntax',
      },
    })

    it.each([
      ['v1', 400, 'invalidVers'],
      ['v3', 400, 'invalidVers'],
      ['v2.1', 400, 'invalidVers'],
      ['vtwo', 404, undefined],
    ])('is SCIM version %s', async (version, status, scimType) => {
      const headers = { Authorization: `Bearer ${fill('{ours}')}` }
      const answer = await send(
        stage().server.url,
        { method: 'GET', path: `/scim/${version}/Users`, headers },
        stage().agent,
      )
      expect(answer.status).toBe(status)
      expectScimError(answer, scimType)
    })
  })

  describe('a method that is not offered', () => {
    const refuse = (line: string, ...allowed: string[]): WrongRequest => ({
      send: line,
      status: 405,
      answers: { allow: new RegExp(allowed.map((method) => `(?=.*\\b${method}\\b)`).join('')) },
    })
    check({
      'PUT of all users': refuse('PUT /Users', 'GET', 'POST'),
      'PATCH of all users': refuse('PATCH /Users', 'GET', 'POST'),
      'DELETE of all users': refuse('DELETE /Users', 'GET', 'POST'),
      'DELETE of all groups': refuse('DELETE /Groups', 'GET', 'POST'),
      'POST to a user': refuse('POST /Users/{ours.ada}', 'GET', 'PUT', 'PATCH', 'DELETE'),
      'POST to a group': refuse('POST /Groups/{ours.group}', 'GET', 'PUT', 'PATCH', 'DELETE'),
      'POST of a configuration': refuse('POST /ServiceProviderConfig', 'GET'),
      'DELETE of the schemas': refuse('DELETE /Schemas', 'GET'),
      'PUT of a schema': refuse(`PUT /Schemas/${user}`, 'GET'),
      'PATCH of a resource type': refuse('PATCH /ResourceTypes/User', 'GET'),
    })
  })

  describe('an id of another directory', () => {
    const others = '{theirs.ben}'
    const nobody = '00000000-0000-4000-8000-00000000beef'
    const everywhere: [string, (id: string) => WireRequest][] = [
      ['in the path', (id) => ({ method: 'GET', path: `/Users/${id}` })],
      ['in a filter', (id) => ({ method: 'GET', path: `/Users?filter=id%20eq%20%22${id}%22` })],
      [
        'in a filter over members',
        (id) => ({ method: 'GET', path: `/Groups?filter=members%20eq%20%22${id}%22` }),
      ],
      [
        'in a filter over managers',
        (id) => ({ method: 'GET', path: `/Users?filter=${enterprise}:manager%20eq%20%22${id}%22` }),
      ],
      [
        'as a new member',
        (id) => ({
          method: 'PATCH',
          path: '/Groups/{ours.group}',
          body: { schemas: [patchOp], Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }] },
        }),
      ],
      [
        'as a former member',
        (id) => ({
          method: 'PATCH',
          path: '/Groups/{ours.group}',
          body: { schemas: [patchOp], Operations: [{ op: 'remove', path: `members[value eq "${id}"]` }] },
        }),
      ],
      [
        'as the only members',
        (id) => ({
          method: 'PATCH',
          path: '/Groups/{ours.group}',
          body: {
            schemas: [patchOp],
            Operations: [{ op: 'replace', path: 'members', value: [{ value: id }] }],
          },
        }),
      ],
    ]

    it.each(everywhere)('answers like one that does not exist: %s', async (_where, request) => {
      const heard = async (id: string): Promise<unknown> => {
        const wire = request(fill(id))
        const headers = { ...json, Authorization: `Bearer ${fill('{ours}')}` }
        const answer = await send(
          `${stage().server.url}/scim/v2`,
          { ...wire, path: fill(wire.path), headers },
          stage().agent,
        )
        return { status: answer.status, text: answer.text.replaceAll(fill(id), 'ID') }
      }
      expect(await heard(others)).toEqual(await heard(nobody))
      await expectNothingChanged()
    })
  })
})
