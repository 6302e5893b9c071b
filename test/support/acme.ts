import { parseConfig } from '../../schemas/config.ts'
import type { Document, Entry } from '../../src/provision/edit/document.ts'
import { findEntry } from '../../src/provision/edit/entries.ts'
import type { SectionName } from '../../src/provision/edit/sections.ts'

const DYNAMIC = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'

/** A configuration in which every section is used by others. */
export const ACME: Document = {
  directories: [{ name: 'okta', provider: 'okta', mayGrant: { attributes: { level: [1, 7] } } }],
  extensions: [{ urn: 'urn:acme:User', attributes: [{ name: 'dbRole' }] }],
  userAttributes: [
    { reference: 'db_role', from: 'urn:acme:User:dbRole' },
    { reference: 'level', type: 'number' },
  ],
  userAttributeAliases: ['urn:acme:UserAttribute'],
  roles: [
    { name: 'no_upload', displayName: 'No upload', tier: 'querier', without: ['upload_data'] },
    { name: 'no_download', displayName: 'No download', tier: 'querier', without: ['download'] },
  ],
  roleOrder: { querier: ['querier', 'no_upload'] },
  connections: [
    {
      name: 'warehouse',
      dialect: 'postgres',
      environmentAttribute: 'db_role',
      values: ['admin'],
      environments: [
        { connection: 'warehouse_sales', values: ['sales'] },
        { connection: 'warehouse_finance', values: ['finance'] },
      ],
    },
    { name: 'warehouse_sales', dialect: 'postgres' },
    { name: 'warehouse_finance', dialect: 'postgres' },
    { name: 'lake', dialect: 'bigquery', baseRole: 'no_upload' },
  ],
  models: [
    { name: 'orders', connection: 'lake' },
    { name: 'extra', connection: 'warehouse_finance' },
  ],
  rules: [
    {
      name: 'finance people',
      group: 'Finance',
      grant: { role: 'no_upload', on: 'warehouse' },
      set: { db_role: 'finance' },
    },
    { name: 'by level', group: 'Leads', set: { level: 7 } },
    { name: 'modelers', group: 'Modelers', grant: { role: 'modeler', on: { model: 'orders' } } },
    {
      name: 'by filter',
      when: `${DYNAMIC}:db_role eq "${DYNAMIC}:db_role" or urn:acme:UserAttribute:db_role pr`,
      set: { db_role: 'sales' },
    },
  ],
  grants: [{ user: 'ada', role: 'no_upload', on: { connection: 'lake' }, reason: 'on call' }],
  overrides: [{ user: 'ada', attribute: 'level', value: 1 }],
  protectedUsers: [{ user: 'root' }],
}

const parsed = parseConfig(ACME)
if (!parsed.ok) throw new Error(`the example is wrong: ${JSON.stringify(parsed.errors)}`)

/** One entry of a document as it was written. */
export const entryOf = (document: Document, section: SectionName, id: string): Entry =>
  findEntry(document, { section }, id).entry
