import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { administer } from '../support/admin.ts'
import { scimDirectory, GROUP, PATCH, USER, type ScimDirectory } from '../support/scim.ts'
import { startServer, type TestServer } from '../support/server.ts'

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest'
const BULK = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest'

/** What a request is made for: a user without e-mail addresses, and a group of which the user is the one member. */
interface Place {
  readonly user: string
  readonly group: string
  readonly n: number
}

interface Habit {
  readonly row: string
  readonly what: string
  readonly request: (place: Place) => readonly [method: string, path: string, body?: unknown]
  /** How strict mode answers; a status below 400 means that the RFCs say so too. */
  readonly strict: readonly [status: number, scimType?: string]
}

const patch = (path: string, ...operations: object[]) =>
  ['PATCH', path, { schemas: [PATCH], Operations: operations }] as const

const HABITS: readonly Habit[] = [
  {
    row: 'RES-01',
    what: 'a body without `schemas`',
    request: ({ n }) => ['POST', '/Users', { userName: `res01-${n}` }],
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'RES-02',
    what: 'a schema that a user has not',
    request: ({ n }) => [
      'POST',
      '/Users',
      { schemas: [USER, 'urn:scim:schemas:core:2.0'], userName: `res02-${n}` },
    ],
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'RES-05',
    what: 'an extension whose URN is not listed',
    request: ({ n }) => [
      'POST',
      '/Users',
      { schemas: [USER], userName: `res05-${n}`, [ENTERPRISE]: { department: 'Tours' } },
    ],
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'RES-08',
    what: 'an attribute that no schema knows, in POST',
    request: ({ n }) => ['POST', '/Users', { schemas: [USER], userName: `res08-${n}`, costCentre: '7' }],
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'RES-08',
    what: 'an attribute that no schema knows, in PUT',
    request: ({ user, n }) => [
      'PUT',
      `/Users/${user}`,
      { schemas: [USER], userName: `place-${n}`, costCentre: '7' },
    ],
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'RES-08',
    what: 'an attribute that no schema knows, in PATCH',
    request: ({ user }) => patch(`/Users/${user}`, { op: 'replace', path: 'costCentre', value: '7' }),
    strict: [400, 'invalidPath'],
  },
  {
    row: 'SCH-06',
    what: 'a boolean as text in a body',
    request: ({ n }) => ['POST', '/Users', { schemas: [USER], userName: `sch06-${n}`, active: 'True' }],
    strict: [400, 'invalidValue'],
  },
  {
    row: 'SCH-06',
    what: 'a boolean as text in PATCH',
    request: ({ user }) => patch(`/Users/${user}`, { op: 'replace', path: 'active', value: 'False' }),
    strict: [400, 'invalidValue'],
  },
  {
    row: 'SCH-06',
    what: 'a number where text is declared',
    request: ({ n }) => ['POST', '/Users', { schemas: [USER], userName: `n6-${n}`, externalId: 4711 }],
    strict: [400, 'invalidValue'],
  },
  {
    row: 'PAT-02',
    what: 'a PATCH without the PatchOp URN',
    request: ({ user }) => [
      'PATCH',
      `/Users/${user}`,
      { Operations: [{ op: 'replace', path: 'title', value: 'Guide' }] },
    ],
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'PAT-02',
    what: 'an empty list of operations',
    request: ({ user }) => patch(`/Users/${user}`),
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'PAT-03',
    what: 'a verb with a capital letter',
    request: ({ user }) => patch(`/Users/${user}`, { op: 'Replace', path: 'title', value: 'Guide' }),
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'PAT-17',
    what: 'add where a value filter matches nothing',
    request: ({ user }) =>
      patch(`/Users/${user}`, { op: 'add', path: 'emails[type eq "work"].value', value: 'a@example.com' }),
    strict: [400, 'noTarget'],
  },
  {
    row: 'PAT-26',
    what: 'replace where a value filter matches nothing',
    request: ({ user }) =>
      patch(`/Users/${user}`, {
        op: 'replace',
        path: 'emails[type eq "home"].value',
        value: 'a@example.com',
      }),
    strict: [400, 'noTarget'],
  },
  {
    row: 'PAT-22',
    what: 'remove of members with a list of values',
    request: ({ user, group }) =>
      patch(`/Groups/${group}`, { op: 'remove', path: 'members', value: [{ value: user }] }),
    strict: [400, 'invalidSyntax'],
  },
  {
    row: 'PAT-23',
    what: 'a key that is a path',
    request: ({ user }) => patch(`/Users/${user}`, { op: 'replace', value: { 'name.givenName': 'Ada' } }),
    strict: [400, 'invalidPath'],
  },
  {
    row: 'A.20',
    what: 'a manager as bare text',
    request: ({ user }) =>
      patch(`/Users/${user}`, { op: 'replace', path: `${ENTERPRISE}:manager`, value: 'somebody' }),
    strict: [400, 'invalidValue'],
  },
  {
    row: 'A.20',
    what: 'an empty text that clears',
    request: ({ user }) =>
      patch(`/Users/${user}`, { op: 'replace', path: `${ENTERPRISE}:manager`, value: '' }),
    strict: [400, 'invalidValue'],
  },
  {
    row: 'A.20',
    what: 'a filter without quotes',
    request: () => ['GET', '/Users?filter=userName%20eq%20ada@example.com'],
    strict: [400, 'invalidFilter'],
  },
  {
    row: 'A.20',
    what: 'a boolean as text in a filter',
    request: () => ['GET', '/Users?filter=active%20eq%20%22True%22'],
    strict: [400, 'invalidFilter'],
  },
  {
    row: 'A.20',
    what: 'a filter without quotes among all types',
    request: () => ['GET', '/?filter=userName%20eq%20ada@example.com'],
    strict: [400, 'invalidFilter'],
  },
  {
    row: 'A.20',
    what: 'a filter without quotes in a search',
    request: () => ['POST', '/Users/.search', { schemas: [SEARCH], filter: 'userName eq ada@example.com' }],
    strict: [400, 'invalidFilter'],
  },
  {
    row: 'A.20',
    what: 'a filter without quotes in a search among all types',
    request: () => ['POST', '/.search', { schemas: [SEARCH], filter: 'userName eq ada@example.com' }],
    strict: [400, 'invalidFilter'],
  },
  {
    row: 'PAT-21',
    what: 'remove of a member that is none',
    request: ({ group }) => patch(`/Groups/${group}`, { op: 'remove', path: 'members[value eq "nobody"]' }),
    strict: [204],
  },
  {
    row: 'PAT-05',
    what: 'a path with its URN in another letter case',
    request: ({ user }) =>
      patch(`/Users/${user}`, {
        op: 'replace',
        path: `${ENTERPRISE.toUpperCase()}:department`,
        value: 'Tours',
      }),
    strict: [200],
  },
  {
    row: 'PAT-23',
    what: 'a value without a path',
    request: ({ user }) => patch(`/Users/${user}`, { op: 'replace', value: { active: false } }),
    strict: [200],
  },
]

describe.each(['sqlite', 'postgres'] as const)('a directory on %s', (engine) => {
  let server: TestServer
  let tolerant: ScimDirectory
  let strict: ScimDirectory
  let n = 0

  beforeAll(async () => {
    server = await startServer({ engine })
    tolerant = await scimDirectory(server, 'tolerant')
    strict = await scimDirectory(server, 'strict', { mode: 'strict' })
  })
  afterAll(() => server.stop())

  const place = async (directory: ScimDirectory): Promise<Place> => {
    n++
    const user = await directory.createUser({ userName: `place-${n}` })
    return { user, n, group: await directory.createGroup(`Group ${n}`, [user]) }
  }

  it.each(HABITS)('$row: reads $what as tolerant, and as the RFCs say as strict', async (habit) => {
    const allowed = await tolerant.call(...habit.request(await place(tolerant)))
    expect([allowed.status, allowed.text]).toEqual([expect.any(Number), expect.not.stringContaining('Error')])
    expect(allowed.status).toBeLessThan(300)

    const there = await place(strict)
    const before = (await strict.call('GET', `/Users/${there.user}`)).json
    const answer = await strict.call(...habit.request(there))
    const [status, scimType] = habit.strict
    expect([answer.status, answer.text]).toEqual([status, expect.any(String)])
    if (scimType === undefined) return
    expect(answer.json).toMatchObject({ status: String(status), scimType })
    expect((await strict.call('GET', `/Users/${there.user}`)).json).toEqual(before)
    expect(await strict.members(there.group)).toEqual([there.user])
  })

  it('PAT-13: asks for the value of an operation in either mode', async () => {
    for (const directory of [tolerant, strict]) {
      const { user } = await place(directory)
      const answer = await directory.patch(`/Users/${user}`, { op: 'add', path: 'title' })
      expect(answer).toMatchObject({ status: 400, json: { scimType: 'invalidSyntax' } })
    }
  })

  it('keeps what a strict client sends, and nothing that only a tolerant reading would take away', async () => {
    const sent = { schemas: [USER], userName: 'kept', phoneNumbers: [{ type: 'work' }] }
    const answer = await strict.call('POST', '/Users', sent)
    expect(answer).toMatchObject({ status: 201, json: { phoneNumbers: [{ type: 'work' }] } })
    expect((await tolerant.call('POST', '/Users', sent)).json).not.toHaveProperty('phoneNumbers')
  })

  it('reads the operations of a bulk request as it reads them alone', async () => {
    const statuses = async (directory: ScimDirectory) => {
      const { user } = await place(directory)
      const data = { schemas: [PATCH], Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }
      const Operations = [
        { method: 'PATCH', path: `/Users/${user}`, data },
        { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: `bulk ${n}` } },
      ]
      const answer = await directory.call('POST', '/Bulk', { schemas: [BULK], Operations })
      return (answer.json as { Operations: { status: string }[] }).Operations.map(({ status }) => status)
    }
    expect(await statuses(tolerant)).toEqual(['204', '201'])
    expect(await statuses(strict)).toEqual(['400', '400'])
  })

  it('obeys a change of its mode at once', async () => {
    const directory = await scimDirectory(server, 'changing')
    const send = (userName: string) => directory.call('POST', '/Groups', { displayName: userName })
    expect((await send('a')).status).toBe(201)
    await changeMode('changing', 'strict')
    expect((await send('b')).status).toBe(400)
    await changeMode('changing', 'tolerant')
    expect((await send('c')).status).toBe(201)
    expect((await directory.call('POST', '/Groups', { schemas: [GROUP], displayName: 'd' })).status).toBe(201)
  })

  const changeMode = async (name: string, mode: string): Promise<void> => {
    expect(await administer(server, 'PATCH', `/directories/${name}`, { mode })).toMatchObject({ mode })
  }
})
