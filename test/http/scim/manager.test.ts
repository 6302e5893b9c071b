import { beforeAll, describe, expect, it } from '@jest/globals'
import { addGroup, addUser, BULK_REQUEST, ENTERPRISE, expectError, onEachEngine } from './stage.ts'
import { PATCH_OP, query, type Answer, type Client } from './stage.ts'

onEachEngine((stage) => {
  let client: Client
  let users = 0
  beforeAll(async () => {
    client = await stage().open()
  })

  const add = (more: object = {}) => addUser(client, `user ${(users += 1)}`, more)
  const addReport = (manager: unknown, more: object = {}) => add({ [ENTERPRISE]: { manager, ...more } })
  const managerOf = async (id: string): Promise<unknown> => inAnswer(await client(`GET /Users/${id}`))
  const inAnswer = ({ json }: Answer): unknown =>
    (json[ENTERPRISE] as { manager?: unknown } | undefined)?.manager
  const patch = (id: string, ...Operations: object[]) =>
    client(`PATCH /Users/${id}`, { body: { schemas: [PATCH_OP], Operations } })
  const found = async (filter: string) =>
    (await client(`GET /Users${query({ filter })}`)).json.Resources.map(({ id }) => id)
  const referenceTo = (id: string, more: object = {}) => ({
    value: id,
    $ref: `${stage().server.url}/scim/v2/Users/${id}`,
    ...more,
  })

  describe('a manager', () => {
    it('USR-21 is a reference wherever the user is answered', async () => {
      const boss = await add({ displayName: 'The "Boss"' })
      const reference = referenceTo(boss, { displayName: 'The "Boss"' })
      const body = {
        schemas: [ENTERPRISE],
        userName: 'reference',
        [ENTERPRISE]: { manager: { value: boss } },
      }
      const created = await client('POST /Users', { body })
      const { id } = created.json
      expect(inAnswer(created)).toEqual(reference)
      expect(await managerOf(id)).toEqual(reference)
      expect(inAnswer(await client(`PUT /Users/${id}`, { body: { ...body, title: 'x' } }))).toEqual(reference)
      expect(inAnswer(await patch(id, { op: 'replace', path: 'title', value: 'y' }))).toEqual(reference)
      for (const list of [`/Users${query({ filter: 'userName eq "reference"' })}`, '/Users?cursor', '/'])
        expect((await client(`GET ${list}`)).json.Resources.find((each) => each.id === id)).toMatchObject({
          [ENTERPRISE]: { manager: reference },
        })
      const only = await client(`GET /Users/${id}?attributes=${ENTERPRISE}:manager.$ref`)
      expect(inAnswer(only)).toEqual({ $ref: reference.$ref })
    })

    it('USR-21 TEN-04 is none where the value is nobody’s id in this directory', async () => {
      const elsewhere = await stage().open()
      const stranger = await addUser(elsewhere, 'stranger')
      const group = await addGroup(client, 'no manager')
      for (const value of [stranger, group, 'Somebody Else', crypto.randomUUID()])
        expect(await managerOf(await addReport({ value }))).toEqual({ value })
    })

    it('USR-21 is found in the stored text whatever else stands there', async () => {
      const boss = await add()
      const like = `{"manager":{"value":"${boss}"}}`
      const id = await addReport({ value: boss }, { costCenter: like, department: `"${ENTERPRISE}":${like}` })
      expect((await client(`GET /Users/${id}`)).json[ENTERPRISE]).toEqual({
        costCenter: like,
        department: `"${ENTERPRISE}":${like}`,
        manager: referenceTo(boss),
      })
    })

    it('USR-21 is found by the id and by the name, and not by the address', async () => {
      const boss = await add({ displayName: 'Findable Boss' })
      const report = await addReport({ value: boss })
      expect(await found(`${ENTERPRISE}:manager.value eq "${boss}"`)).toEqual([report])
      expect(await found(`${ENTERPRISE}:manager eq "${boss}"`)).toEqual([report])
      expect(await found(`${ENTERPRISE}:manager.displayName eq "findable BOSS"`)).toEqual([report])
      const filter = `${ENTERPRISE}:manager.$ref pr`
      expectError(await client(`GET /Users${query({ filter })}`), 400, 'invalidFilter')
    })

    it('changes the entity tag with the display name, but not the version', async () => {
      const boss = await add({ displayName: 'Before' })
      const id = await addReport({ value: boss })
      const before = await client(`GET /Users/${id}`)
      await patch(boss, { op: 'replace', path: 'displayName', value: 'After' })
      const headers = { 'If-None-Match': String(before.headers.etag) }
      const after = await client(`GET /Users/${id}`, { headers })
      expect(inAnswer(after)).toEqual(referenceTo(boss, { displayName: 'After' }))
      expect(after.json.meta).toMatchObject({
        lastModified: (before.json.meta as object as { lastModified: string }).lastModified,
      })
    })

    it('DEL-02 is taken from everybody who had it when it is deleted', async () => {
      const boss = await add()
      const other = await add()
      const reports = [await addReport({ value: boss }), await addReport({ value: boss }, { division: 'd' })]
      const beside = await addReport({ value: other })
      const before = await client(`GET /Users/${reports[0]}`)
      expect((await client(`DELETE /Users/${boss}`)).status).toBe(204)
      for (const id of reports) expect(await managerOf(id)).toBeUndefined()
      const after = await client(`GET /Users/${reports[0]}`)
      expect(after.json.meta.version).not.toBe(before.json.meta.version)
      expect(after.json[ENTERPRISE]).toBeUndefined()
      expect(after.json['schemas']).not.toContain(ENTERPRISE)
      expect((await client(`GET /Users/${reports[1]}`)).json[ENTERPRISE]).toEqual({ division: 'd' })
      expect(await found(`${ENTERPRISE}:manager.value eq "${boss}"`)).toEqual([])
      expect(await managerOf(beside)).toEqual(referenceTo(other))
    })

    it('DEL-02 may be oneself, or a report of one’s own', async () => {
      const [one, two] = [await add(), await add()]
      await patch(one, { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: two } })
      await patch(two, { op: 'add', path: `${ENTERPRISE}:manager`, value: { value: one } })
      await patch(two, { op: 'add', path: `${ENTERPRISE}:manager`, value: two })
      expect((await client(`DELETE /Users/${two}`)).status).toBe(204)
      expect(await managerOf(one)).toBeUndefined()
    })

    it('C-CON-01 is not left behind by those who get it while it is deleted', async () => {
      for (let round = 0; round < 5; round += 1) {
        const boss = await add()
        const Operations = [{ op: 'add', path: `${ENTERPRISE}:manager`, value: boss }]
        const reports = await Promise.all(Array.from({ length: 6 }, () => add()))
        const [answers] = await Promise.all([
          Promise.all(reports.map((id) => patch(id, ...Operations))),
          client(`DELETE /Users/${boss}`),
        ])
        // Whoever came first has lost it since; to whoever came later it was nobody.
        for (const answer of answers) {
          const came = inAnswer(answer)
          const last = await managerOf(answer.json.id)
          if ((came as { $ref?: string }).$ref !== undefined) expect(last).toBeUndefined()
          else expect([came, last]).toEqual([{ value: boss }, { value: boss }])
        }
      }
    })

    it('BLK-08 is a reference in a bulk request too', async () => {
      const data = { userName: `user ${(users += 1)}`, [ENTERPRISE]: { manager: { value: 'bulkId:boss' } } }
      const { json } = await client('POST /Bulk', {
        body: {
          schemas: [BULK_REQUEST],
          Operations: [
            { method: 'POST', path: '/Users', bulkId: 'report', data },
            { method: 'POST', path: '/Users', bulkId: 'boss', data: { userName: `user ${(users += 1)}` } },
          ],
        },
      })
      const [report, boss] = (json['Operations'] as { location: string; bulkId: string }[])
        .toSorted((a, b) => b.bulkId.localeCompare(a.bulkId))
        .map(({ location }) => location.slice(location.lastIndexOf('/') + 1))
      expect(await managerOf(report ?? '')).toEqual(referenceTo(boss ?? ''))
    })
  })
})
