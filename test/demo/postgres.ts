// `npm run demo:postgres`: three people of Okta at a PostgreSQL of its own, and what its log says about who saw what.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { printTable } from '../../src/cli/print.ts'
import { connect } from '../../src/cli/simulate/connection.ts'
import { acmeExtension, headersOf, providers } from '../../src/cli/simulate/simulate.ts'
import { startChild } from '../support/child-server.ts'
import { startPostgres } from '../support/postgres-server.ts'
import { queryAs } from '../support/query-service.ts'
import {
  CONNECTIONS,
  makeWarehouse,
  ROLES,
  warehouseConfiguration,
  type Warehouse,
} from '../support/warehouse.ts'
import { openApi, type Api } from './api.ts'
import { heading } from './heading.ts'
import { warehouseStory } from './warehouse-story.ts'

/** The rows that somebody sees at each moment of the story; the demo counts as wrong when they see others. */
const EXPECTED = [
  { admin: [1, 2, 3, 4, 5], analyst: [1, 2, 3], finance: [1, 2, 4, 5] },
  { admin: [1, 2, 3, 4, 5], analyst: [1, 2, 4, 5], finance: [1, 2, 4, 5] },
  { admin: [1, 2, 3, 4, 5], analyst: undefined, finance: [1, 2, 4, 5] },
] as const
const surprises: string[] = []

let log = ''
const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-demo-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const databaseUrl = `sqlite:${path.join(folder, 'signalbox.db')}`
const postgres = await startPostgres(
  { log_statement: 'all', log_line_prefix: 'user=%u app=%a: ' },
  (text) => {
    log += text
  },
)
try {
  const warehouse = await makeWarehouse(postgres.url, '')
  const server = await startChild(databaseUrl)
  try {
    await tellTheStory(warehouse, openApi(server.url, server.adminToken))
  } finally {
    await server.stop()
  }
} finally {
  await postgres.stop()
}
for (const surprise of surprises) console.error(`unexpected: ${surprise}`)
process.exitCode = surprises.length === 0 ? 0 : 1

async function tellTheStory(warehouse: Warehouse, api: Api): Promise<void> {
  heading('A PostgreSQL of its own: one table, three roles, row-level security')
  const orders = await warehouse.run('table shop.orders order by id')
  printTable(
    ['ORDER', 'REGION', 'DEPARTMENT', 'AMOUNT'],
    orders.map((row) => Object.values(row).map(String)),
  )
  console.log(
    '\nwh_admin sees every order, wh_analyst sales and marketing, wh_finance finance, payroll and sales',
  )

  heading('What an administrator does')
  const { admin, analyst, finance } = warehouse.roles
  await signalbox(['secret', 'set', CONNECTIONS.admin], { input: admin.url })
  await api.setSecret(CONNECTIONS.analyst, analyst.url)
  await api.setSecret(CONNECTIONS.finance, finance.url)
  console.log('the URLs of the other two likewise\n')
  const secrets = {
    admin: 'secret:warehouse',
    analyst: 'secret:warehouse_analyst',
    finance: 'secret:warehouse_finance',
  }
  const file = path.join(folder, 'warehouse.yaml')
  writeFileSync(file, stringify(warehouseConfiguration(secrets)))
  await signalbox(['apply', file])
  await signalbox(['check', 'warehouse'])

  heading('What happens in Okta, and what a service that runs queries lets people see')
  const { scimUrl, token } = await api.openDirectory('okta', 'okta')
  const okta = providers.okta(connect(scimUrl, token, headersOf('okta')), acmeExtension)
  const { people, moments } = warehouseStory(okta)
  const urls = Object.fromEntries(ROLES.map((role) => [CONNECTIONS[role], warehouse.roles[role].url]))
  const sightings: (readonly (string | null)[])[] = []
  for (const [at, { what, happens }] of moments.entries()) {
    await happens()
    for (const role of ROLES) {
      const { userName } = people[role]
      const decision = await api.resolve(userName, 'warehouse')
      const seen = await queryAs(
        decision,
        urls,
        `select id from shop.orders order by id -- for ${userName}, ${what}`,
      )
      const ids = seen?.rows.map(({ id }) => id)
      if (ids?.join() !== EXPECTED[at]?.[role]?.join())
        surprises.push(`${userName} saw ${ids?.join() ?? 'nothing'} when ${what}`)
      const where = decision.environment?.connection ?? `denied: ${decision.reason}`
      sightings.push([
        role === 'admin' ? what : '',
        userName,
        where,
        seen?.user ?? null,
        ids?.join(' ') ?? null,
      ])
    }
  }
  printTable(['WHEN', 'PERSON', 'CONNECTION', 'DATABASE USER', 'ORDERS'], sightings)

  heading('The same, tried by an administrator who sees no row')
  const query = ['--query', 'select * from shop.orders']
  await signalbox(['check', 'warehouse', '--as', people.finance.userName, ...query])
  await signalbox(['check', 'warehouse', '--as', people.analyst.userName, ...query], { code: 3 })

  heading('What the log of the PostgreSQL server says')
  const lines = [
    ...log.matchAll(/^user=(\S+) app=(.*?): LOG: {2}(?:statement|execute \S+): (.*shop\.orders.*)$/gm),
  ]
    .filter(([, user]) => user !== 'postgres')
    .map(([, user = '', app = '', statement = '']) => [user, app, statement])
  printTable(['ROLE', 'PROGRAM', 'STATEMENT'], lines)
  if (lines.length !== 9) surprises.push(`the log holds ${lines.length} queries and not 9`)
}

/** Runs a command in the folder of the server, as somebody at a terminal would, and shows it with what it prints. */
async function signalbox(
  args: string[],
  { input = '', code = 0 }: { input?: string; code?: number } = {},
): Promise<void> {
  const shown = args.map((arg) => (/[^\w@.:/-]/.test(arg) ? `'${arg}'` : arg)).join(' ')
  const script = fileURLToPath(new URL('../../src/cli/signalbox.js', import.meta.url))
  const child = spawn(process.execPath, [script, ...args], {
    env: { PATH: process.env['PATH'], DATABASE_URL: databaseUrl },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stdin.end(input)
  const ended = await new Promise((resolve) => {
    child.once('close', resolve)
  })
  console.log(`$ signalbox ${shown}${input === '' ? '' : ' < the URL of its role'}\n${said}`)
  if (ended !== code) surprises.push(`\`signalbox ${shown}\` ended with ${String(ended)}`)
}
