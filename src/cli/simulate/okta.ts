import type { Person } from './company.ts'
import type { Connection } from './connection.ts'
import { chunks, idOf, idsOf, membersPerRequest, urns } from './dialect.ts'
import type { Dialect, GroupRef } from './dialect.ts'

/**
 * Okta's requests, in the order of an application from its integration network: users are looked up by name,
 * updated by a PUT of all that was read, deactivated by a PATCH without a path and never deleted; groups are
 * pushed empty and filled by PATCH.
 *
 * @see https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20
 */
export function okta({ call }: Connection, extension: string): Dialect {
  const patch = (path: string, Operations: object[]): Promise<unknown> =>
    call('PATCH', path, { schemas: [urns.patch], Operations })
  return {
    async testConnection() {
      await call('GET', '/Users?startIndex=1&count=2')
      await call('GET', '/Groups?startIndex=1&count=100')
    },
    async assign(person) {
      const filter = encodeURIComponent(`userName eq "${person.userName}"`)
      const [found] = idsOf(await call('GET', `/Users?filter=${filter}&startIndex=1&count=100`))
      if (found === undefined)
        return idOf(await call('POST', '/Users', { ...profile(person, extension), ...firstTime(person) }))
      await putProfile(call, found, person, extension)
      return found
    },
    async update(id, _before, after) {
      await putProfile(call, id, after, extension)
    },
    async deactivate(id) {
      await patch(`/Users/${id}`, [{ op: 'replace', value: { active: false } }])
    },
    async pushGroup(_externalId, displayName) {
      return idOf(await call('POST', '/Groups', { schemas: [urns.group], displayName, members: [] }))
    },
    async renameGroup(id, name) {
      await patch(`/Groups/${id}`, [naming({ id, name })])
    },
    async addMembers(group, members) {
      for (const some of chunks(members, membersPerRequest)) {
        const value = some.map(({ id, userName }) => ({ value: id, display: userName }))
        await patch(`/Groups/${group.id}`, [naming(group), { op: 'add', path: 'members', value }])
      }
    },
    async removeMembers(group, members) {
      for (const some of chunks(members, membersPerRequest)) {
        const removals = some.map(({ id }) => ({ op: 'remove', path: `members[value eq "${id}"]` }))
        await patch(`/Groups/${group.id}`, [naming(group), ...removals])
      }
    },
  }
}

/** Okta repeats the name with every change of membership, and the read-only id with the name. */
const naming = ({ id, name }: GroupRef): object => ({ op: 'replace', value: { id, displayName: name } })

async function putProfile(
  call: Connection['call'],
  id: string,
  person: Person,
  extension: string,
): Promise<void> {
  const stored = await call('GET', `/Users/${id}`)
  const read = typeof stored === 'object' ? stored : {}
  await call('PUT', `/Users/${id}`, { ...read, ...profile(person, extension) })
}

const profile = (person: Person, extension: string): object => ({
  schemas: [urns.user, urns.enterprise, extension],
  userName: person.userName,
  name: { givenName: person.givenName, familyName: person.familyName },
  emails: [{ primary: true, value: person.userName, type: 'work' }],
  displayName: `${person.givenName} ${person.familyName}`,
  title: person.title,
  userType: person.userType,
  locale: 'en-US',
  externalId: person.externalId,
  active: true,
  [urns.enterprise]: {
    employeeNumber: person.employeeNumber,
    department: person.department,
    costCenter: person.costCentre,
  },
  [extension]: {
    ...(person.dbRole !== undefined && { dbRole: person.dbRole }),
    costCentre: person.costCentre,
  },
})

/** Okta sends an empty list of groups and a password that nobody ever uses. */
const firstTime = ({ employeeNumber }: Person): object => ({
  groups: [],
  password: `x7Fp2qLm-${employeeNumber}`,
})
