import type { Person } from './company.ts'
import type { Connection } from './connection.ts'
import { chunks, idOf, idsOf, membersPerRequest, urns } from './dialect.ts'
import type { Dialect } from './dialect.ts'

/**
 * Microsoft Entra's requests in its default dialect: capitalised verbs, one operation an attribute, truth values as
 * text, managers as bare ids in a PATCH of their own, members removed by a list of values.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
 * @see https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
 */
export function entra({ call }: Connection, extension: string): Dialect {
  const patch = (path: string, Operations: object[]): Promise<unknown> =>
    call('PATCH', path, { schemas: [urns.patch], Operations })
  return {
    async testConnection() {
      await call('GET', `/Users?filter=${plus('userName eq "8f0b7c52-1d7e-4a55-9f0a-3f2d9c0e77aa"')}`)
    },
    async assign(person) {
      const [found] = idsOf(await call('GET', `/Users?filter=${plus(`userName eq "${person.userName}"`)}`))
      if (found === undefined) return idOf(await call('POST', '/Users', newUser(person, extension)))
      const stored = await call('GET', `/Users/${found}`)
      await patch(`/Users/${idOf(stored)}`, operations(undefined, person, extension))
      return found
    },
    async setManager(id, managerId) {
      await patch(`/Users/${id}`, [{ op: 'Add', path: `${urns.enterprise}:manager`, value: managerId }])
    },
    async update(id, before, after) {
      await call('GET', `/Users/${id}`)
      await patch(`/Users/${id}`, operations(before, after, extension))
    },
    async deactivate(id) {
      await patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }])
    },
    async pushGroup(externalId, displayName) {
      const query = `excludedAttributes=members&filter=${plus(`displayName eq "${displayName}"`)}`
      const [found] = idsOf(await call('GET', `/Groups?${query}`))
      return found ?? idOf(await call('POST', '/Groups', newGroup(externalId, displayName)))
    },
    async renameGroup(id, name) {
      await patch(`/Groups/${id}`, [{ op: 'Replace', path: 'displayName', value: name }])
    },
    async addMembers({ id: group }, members) {
      for (const some of chunks(members, membersPerRequest)) {
        const value = some.map(({ id }) => ({ $ref: null, value: id }))
        await patch(`/Groups/${group}`, [{ op: 'Add', path: 'members', value }])
      }
    },
    async removeMembers({ id: group }, members) {
      for (const some of chunks(members, membersPerRequest)) {
        const value = some.map(({ id }) => ({ value: id }))
        await patch(`/Groups/${group}`, [{ op: 'Remove', path: 'members', value }])
      }
    },
  }
}

/** Entra writes a space as `+`. */
const plus = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+')

/** The URN of the custom extension is not listed in `schemas`, although its object is there. */
const newUser = (person: Person, extension: string): object => ({
  schemas: [urns.user, urns.enterprise],
  externalId: person.externalId,
  userName: person.userName,
  active: true,
  displayName: `${person.givenName} ${person.familyName}`,
  title: person.title,
  userType: person.userType,
  emails: [{ primary: true, type: 'work', value: person.userName }],
  meta: { resourceType: 'User' },
  name: {
    formatted: `${person.givenName} ${person.familyName}`,
    familyName: person.familyName,
    givenName: person.givenName,
  },
  roles: [],
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

const newGroup = (externalId: string, displayName: string): object => ({
  schemas: [urns.group, 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'],
  externalId,
  displayName,
  meta: { resourceType: 'Group' },
})

/** One operation for every attribute that differs. What has become empty at the source is not sent at all. */
function operations(before: Person | undefined, after: Person, extension: string): object[] {
  const old = before && attributes(before, extension)
  return Object.entries(attributes(after, extension)).flatMap(([path, value]) => {
    if (value === undefined || value === old?.[path]) return []
    return [{ op: old && old[path] === undefined ? 'Add' : 'Replace', path, value }]
  })
}

const attributes = (person: Person, extension: string): Record<string, string | undefined> => ({
  userName: person.userName,
  externalId: person.externalId,
  displayName: `${person.givenName} ${person.familyName}`,
  title: person.title,
  userType: person.userType,
  'emails[type eq "work"].value': person.userName,
  'name.givenName': person.givenName,
  'name.familyName': person.familyName,
  [`${urns.enterprise}:department`]: person.department,
  [`${urns.enterprise}:costCenter`]: person.costCentre,
  [`${extension}:dbRole`]: person.dbRole,
  [`${extension}:costCentre`]: person.costCentre,
})
