import { asText, ATTRIBUTES, RAIL, valuesAt } from './attributes.ts'
import { matches } from './filter.ts'
import type { Filter } from './filter.ts'
import { show } from './world.ts'
import type { Resource, World } from './world.ts'

/** What the administrator has decided, for as long as the model plays. */
export const CONFIGURATION = {
  extensions: [
    {
      urn: RAIL,
      attributes: [
        { name: 'dbRoles', type: 'string', multiValued: true },
        { name: 'badge', type: 'string', caseExact: true },
        { name: 'level', type: 'integer' },
        { name: 'since', type: 'dateTime' },
        { name: 'remote', type: 'boolean' },
      ],
    },
  ],
  userAttributes: [{ reference: 'db_role', type: 'string', multiple: true, from: `${RAIL}:dbRoles` }],
  connections: [
    {
      name: 'warehouse',
      dialect: 'postgres',
      baseRole: 'no_access',
      environmentAttribute: 'db_role',
      values: ['admin'],
      environments: [
        { connection: 'warehouse_analyst', values: ['analyst'] },
        { connection: 'warehouse_finance', values: ['finance', 'fin'] },
      ],
    },
    { name: 'warehouse_analyst', dialect: 'postgres' },
    { name: 'warehouse_finance', dialect: 'postgres' },
  ],
  rules: [
    { name: 'team a', group: 'Team A', grant: { role: 'querier', on: 'warehouse' } },
    {
      name: 'employees',
      when: 'not (userType co "contr") and not (emails[type eq "home" and primary eq true])',
      grant: { role: 'viewer', on: 'warehouse' },
    },
    { name: 'team b', group: 'Team B', set: { db_role: 'finance' } },
  ],
}

const ENVIRONMENTS: Readonly<Record<string, string>> = {
  admin: 'warehouse',
  analyst: 'warehouse_analyst',
  finance: 'warehouse_finance',
  fin: 'warehouse_finance',
}

const EMPLOYEE: Filter = {
  and: [
    { not: { path: ['userType'], op: 'co', value: 'contr' } },
    {
      not: {
        path: ['emails'],
        where: {
          and: [
            { path: ['type'], op: 'eq', value: 'home' },
            { path: ['primary'], op: 'eq', value: true },
          ],
        },
      },
    },
  ],
}

/** As which role and where the queries of a user run on `warehouse`, or why they do not. */
export interface Access {
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: string | null
  readonly environment: string | null
}

/** What the configuration makes of a user. */
export function decide(world: World, user: Resource | undefined): Access {
  if (!user) return deny('unknown_user')
  if (user.doc['active'] !== true) return deny('inactive')
  const groups = groupsAbove(world, user.id)
  const isIn = (name: string): boolean => groups.has(world.bound[name] ?? '')
  const isEmployee = matches(EMPLOYEE, show(world, user), ATTRIBUTES.User)
  const role = isIn('team a') ? 'querier' : isEmployee ? 'viewer' : undefined
  if (role === undefined) return deny('no_access')
  const sent = valuesAt(user.doc, [RAIL, 'dbRoles']).map((value) => asText(value).trim())
  const values = sent.length > 0 ? sent : isIn('team b') ? ['finance'] : []
  const environments = new Set(values.flatMap((value) => ENVIRONMENTS[value] ?? []))
  if (environments.size > 1) return deny('ambiguous')
  const [environment] = environments
  if (environment === undefined) return deny(values.length > 0 ? 'unmatched' : 'no_value')
  return { decision: 'allow', reason: null, role, environment }
}

const deny = (reason: string): Access => ({ decision: 'deny', reason, role: null, environment: null })

/** The groups that somebody is in, and the groups that these are in. */
function groupsAbove(world: World, id: string, found = new Set<string>()): Set<string> {
  for (const group of world.resources) {
    if (!group.members.includes(id) || found.has(group.id)) continue
    found.add(group.id)
    groupsAbove(world, group.id, found)
  }
  return found
}
