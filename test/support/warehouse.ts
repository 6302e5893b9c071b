import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { acmeExtension } from '../../src/cli/simulate/simulate.ts'

/** The three database roles of the story, the most permissive one first. */
export const ROLES = ['admin', 'analyst', 'finance'] as const
export type Role = (typeof ROLES)[number]

/** A database with one table of orders, of which each of three roles sees rows of its own. */
export interface Warehouse {
  readonly roles: Readonly<
    Record<Role, { readonly name: string; readonly password: string; readonly url: string }>
  >
  /** The administrator's URL of this database. */
  readonly url: string
  /** Runs statements as the administrator of the server, and gives the rows of the last. */
  run(statements: string): Promise<Record<string, unknown>[]>
  /** The database and its roles go. */
  remove(): Promise<void>
}

/**
 * Makes the database of the story on a server: what an administrator does there before the first connection is set up.
 *
 * @param server URL of a superuser
 * @param suffix of the names of roles, which a server has but once; empty for a server of one's own
 */
export async function makeWarehouse(
  server: string,
  suffix = `_${randomUUID().slice(0, 8)}`,
): Promise<Warehouse> {
  const database = `shop${suffix}`
  const url = at(server, database)
  const roles = Object.fromEntries(
    ROLES.map((role) => {
      const [name, password] = [`wh_${role}${suffix}`, randomUUID()]
      return [role, { name, password, url: at(server, database, name, password) }]
    }),
  ) as Warehouse['roles']
  const { admin, analyst, finance } = roles
  await onServer(server, `create database ${database}`)
  await onServer(
    url,
    [
      ...Object.values(roles).map(({ name, password }) => `create role ${name} login password '${password}'`),
      `create schema shop`,
      `create table shop.orders (id int primary key, region text not null, department text not null, amount int not null)`,
      `insert into shop.orders values
         (1, 'EU', 'sales', 120), (2, 'US', 'sales', 80), (3, 'EU', 'marketing', 45),
         (4, 'EU', 'finance', 300), (5, 'US', 'payroll', 990)`,
      `grant usage on schema shop to ${admin.name}, ${analyst.name}, ${finance.name}`,
      `grant select, insert, update, delete on shop.orders to ${admin.name}`,
      `grant select on shop.orders to ${analyst.name}, ${finance.name}`,
      `alter table shop.orders enable row level security`,
      `create policy everything on shop.orders to ${admin.name} using (true)`,
      `create policy business on shop.orders to ${analyst.name} using (department in ('sales', 'marketing'))`,
      `create policy money on shop.orders to ${finance.name} using (department in ('finance', 'payroll', 'sales'))`,
    ].join(';\n'),
  )
  return {
    roles,
    url,
    run: (statements) => onServer(url, statements),
    async remove() {
      await onServer(server, `drop database ${database} with (force)`)
      await onServer(
        server,
        `drop role ${Object.values(roles)
          .map(({ name }) => name)
          .join(', ')}`,
      )
    },
  }
}

/** The connection of each role. */
export const CONNECTIONS = {
  admin: 'warehouse',
  analyst: 'warehouse_analyst',
  finance: 'warehouse_finance',
} as const satisfies Record<Role, string>

/**
 * One primary connection with the most permissive role, an environment for each other role, and the attribute that leads
 * people there. Nobody has it by default.
 *
 * @param urls where the URL of each connection is: `env:…`, `file:…`, `secret:…`
 */
export function warehouseConfiguration(urls: Readonly<Record<Role, string>>) {
  return {
    directories: [{ name: 'okta', provider: 'okta' }],
    extensions: [{ urn: acmeExtension, attributes: [{ name: 'dbRole' }, { name: 'costCentre' }] }],
    userAttributes: [{ reference: 'db_role', from: `${acmeExtension}:dbRole` }],
    connections: [
      {
        name: CONNECTIONS.admin,
        dialect: 'postgres',
        url: urls.admin,
        baseRole: 'querier',
        environmentAttribute: 'db_role',
        values: ['admin'],
        environments: [
          { connection: CONNECTIONS.analyst, values: ['analyst'] },
          { connection: CONNECTIONS.finance, values: ['finance'] },
        ],
      },
      { name: CONNECTIONS.analyst, dialect: 'postgres', url: urls.analyst },
      { name: CONNECTIONS.finance, dialect: 'postgres', url: urls.finance },
    ],
    models: [{ name: 'sales', connection: CONNECTIONS.admin, objects: ['shop.orders'] }],
  }
}

function at(server: string, database: string, user?: string, password?: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  if (user !== undefined) url.username = user
  if (password !== undefined) url.password = password
  return url.href
}

async function onServer(url: string, statements: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    // Several statements have several results, which the types of the driver do not know.
    const results = [await client.query(statements)].flat() as pg.QueryResult<Record<string, unknown>>[]
    return results.at(-1)?.rows ?? []
  } finally {
    await client.end()
  }
}
