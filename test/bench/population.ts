/** The people of the benchmark: everything about them follows from their number, so no two processes need to tell. */
import { createHash } from 'node:crypto'

export const acme = 'urn:ietf:params:scim:schemas:extension:Acme:2.0:User'
const core = 'urn:ietf:params:scim:schemas:core:2.0:User'
export const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

/** Ids are scattered like random ones, so that indexes over them behave alike. */
export function userId(index: number): string {
  return idOf(`user ${index}`)
}

export function userName(index: number): string {
  return `user.${index}@example.com`
}

/** About 1.2 kB, as an identity provider sends it. */
export function userBody(index: number): Record<string, unknown> {
  const role = ['admin', 'analyst', 'finance'][index % 3]
  return {
    schemas: [core, enterprise, acme],
    externalId: `00u${index}`,
    userName: userName(index),
    name: { formatted: `Person Number ${index}`, givenName: 'Person', familyName: `Number ${index}` },
    displayName: `Person Number ${index}`,
    title: 'Senior analyst of things that have a number',
    userType: index % 10 === 0 ? 'Contractor' : 'Employee',
    preferredLanguage: 'en-GB',
    locale: 'en-GB',
    timezone: 'Europe/Berlin',
    active: true,
    emails: [
      { value: userName(index), type: 'work', primary: true },
      { value: `person.${index}@home.example.net`, type: 'home' },
    ],
    phoneNumbers: [{ value: `tel:+49-30-${index}`, type: 'work' }],
    addresses: [
      {
        type: 'work',
        streetAddress: `${index % 200} Signal Street`,
        locality: 'Berlin',
        postalCode: '10115',
        country: 'DE',
      },
    ],
    [enterprise]: {
      employeeNumber: `E${index}`,
      costCenter: `C${index % 50}`,
      organization: 'Example Corporation',
      department: `Department ${index % 25}`,
    },
    [acme]: { dbRole: role, costCentre: `C${index % 50}` },
  }
}

/** The groups of the benchmark, each with the number of its members; a rule grants a role to each. */
export const groups = { small: 10, large: 100_000 }

export type Group = keyof typeof groups

export function groupId(group: Group): string {
  return idOf(`group ${group}`)
}

export function groupName(group: Group): string {
  return `The ${group} group`
}

function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** The configuration that decisions are made by. */
export const configuration = {
  directories: [{ name: 'bench', provider: 'okta' }],
  extensions: [
    {
      urn: acme,
      attributes: [
        { name: 'dbRole', type: 'string' },
        { name: 'costCentre', type: 'string' },
      ],
    },
  ],
  userAttributes: [
    { reference: 'db_role', label: 'Database role', type: 'string', from: `${acme}:dbRole` },
    { reference: 'cost_centre', label: 'Cost centre', type: 'string', from: `${acme}:costCentre` },
  ],
  connections: [
    {
      name: 'warehouse',
      dialect: 'postgres',
      url: 'env:WAREHOUSE_URL',
      baseRole: 'viewer',
      environmentAttribute: 'db_role',
      values: ['admin'],
      environments: [
        { connection: 'warehouse_analyst', values: ['analyst'] },
        { connection: 'warehouse_finance', values: ['finance'] },
      ],
    },
    { name: 'warehouse_analyst', dialect: 'postgres', url: 'env:WAREHOUSE_ANALYST_URL' },
    { name: 'warehouse_finance', dialect: 'postgres', url: 'env:WAREHOUSE_FINANCE_URL' },
  ],
  rules: [
    {
      name: 'small group',
      group: groupName('small'),
      when: 'userType eq "Employee"',
      grant: { role: 'querier', on: 'warehouse' },
    },
    {
      name: 'large group',
      group: groupName('large'),
      when: 'userType eq "Employee"',
      grant: { role: 'restricted_querier', on: 'warehouse' },
    },
    { name: 'contractors', when: 'userType eq "Contractor"', grant: { role: 'no_access', on: 'warehouse' } },
  ],
}
