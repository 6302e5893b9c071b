/** A configuration like the one of the README: three environments of one warehouse, chosen by `db_role`. */
export const EXAMPLE = {
  directories: [
    {
      name: 'okta',
      provider: 'okta',
      mayGrant: { upTo: 'modeler', attributes: { db_role: ['analyst', 'finance'] } },
    },
  ],
  extensions: [
    {
      urn: 'urn:ietf:params:scim:schemas:extension:Acme:2.0:User',
      attributes: [
        { name: 'dbRole', type: 'string' },
        { name: 'costCentre', type: 'string' },
      ],
    },
  ],
  userAttributes: [
    {
      reference: 'db_role',
      label: 'Database role',
      type: 'string',
      from: 'urn:ietf:params:scim:schemas:extension:Acme:2.0:User:dbRole',
      valueMap: { FIN: 'finance' },
    },
  ],
  roles: [
    {
      name: 'querier_no_upload',
      displayName: 'Querier without upload',
      tier: 'querier',
      without: ['upload_data'],
    },
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
        { connection: 'warehouse_finance', values: ['finance', 'fin'] },
      ],
    },
    { name: 'warehouse_analyst', dialect: 'postgres', url: 'env:WAREHOUSE_ANALYST_URL' },
    { name: 'warehouse_finance', dialect: 'postgres', url: 'env:WAREHOUSE_FINANCE_URL' },
  ],
  rules: [
    {
      name: 'finance analysts',
      group: 'Finance Analysts',
      when: 'userType eq "Employee"',
      grant: { role: 'querier_no_upload', on: 'warehouse' },
      set: { db_role: 'finance' },
    },
  ],
} as const

export const ACME = 'urn:ietf:params:scim:schemas:extension:Acme:2.0:User'
