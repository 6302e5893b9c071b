// `npm run demo`: two identity providers fill an empty server, things happen, and everybody ends somewhere for a reason.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parse } from 'yaml'
import { printPlan } from '../../src/cli/plan.ts'
import { printTable } from '../../src/cli/print.ts'
import { tell } from '../../src/cli/resolve.ts'
import { company } from '../../src/cli/simulate/company.ts'
import type { Company } from '../../src/cli/simulate/company.ts'
import { connect } from '../../src/cli/simulate/connection.ts'
import { acmeExtension, headersOf, providers } from '../../src/cli/simulate/simulate.ts'
import type { Provider } from '../../src/cli/simulate/simulate.ts'
import { sync } from '../../src/cli/simulate/sync.ts'
import type { Decision, Explained } from '../../src/provision/resolve.ts'
import { startChild } from '../support/child-server.ts'
import { openApi } from './api.ts'
import type { Api, Assignment } from './api.ts'
import { heading } from './heading.ts'
import { showProgress } from './progress.ts'
import { why } from './why.ts'
import { writeStory } from './story.ts'
import type { Part, Site } from './story.ts'

/** The demo counts as wrong when it finds anything here. */
const surprises: string[] = []

const folder = mkdtempSync(path.join(tmpdir(), 'signalbox-demo-'))
try {
  const server = await startChild(`sqlite:${path.join(folder, 'signalbox.db')}`)
  try {
    await tellTheStory(server.url, openApi(server.url, server.adminToken))
  } finally {
    await server.stop()
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
for (const surprise of surprises) console.error(`unexpected: ${surprise}`)
process.exitCode = surprises.length === 0 ? 0 : 1

async function tellTheStory(url: string, api: Api): Promise<void> {
  heading('Acme and Acme Labs: 300 people in 25 groups, through Okta and Microsoft Entra')
  console.log(`server         ${url}, SQLite in ${folder}`)
  const configuration = 'fixtures/company/signalbox.yaml'
  const written = readFileSync(new URL(`../../${configuration}`, import.meta.url), 'utf8')
  const { revision } = await api.apply(written)
  console.log(`configuration  ${configuration}, revision ${revision}`)

  const acme = await fill(
    api,
    'acme-okta',
    'okta',
    company({ people: 200, teams: 15, domain: 'acme.example' }),
  )
  const labs = await fill(
    api,
    'labs-entra',
    'entra',
    company({ people: 100, teams: 10, domain: 'labs.example', seed: 2 }),
  )

  const story = writeStory(acme, labs)
  const decisions = (): Promise<Explained[]> =>
    Promise.all(story.map(({ userName }) => api.resolve(userName, 'warehouse')))
  const before = await decisions()
  heading('What happens')
  for (const { userName, story: what, happens } of story) {
    if (!happens) continue
    await happens()
    console.log(`${userName}: ${what}`)
  }
  const after = await decisions()

  heading('Where everybody is on `warehouse`')
  printSummary(await api.assignments('warehouse'))

  heading('Who ended where on `warehouse`, and why')
  printTable(
    ['PERSON', 'STORY', 'BEFORE', 'NOW', 'ROLE', 'WHY'],
    after.map((is, index) => {
      const { userName, story: what } = story[index] as Part
      return [userName, what, place(before[index] as Decision), place(is), is.role?.name ?? '', why(is)]
    }),
  )
  for (const [index, part] of story.entries()) compare(part, after[index] as Decision)

  heading('Two denials, explained')
  for (const reason of ['refused', 'unmatched']) {
    const index = story.findIndex(({ ends }) => ends === reason)
    console.log(`${tell((story[index] as Part).userName, 'warehouse', after[index] as Explained)}\n`)
  }

  heading('What taking a rule away would do: `signalbox plan` with the file without `data analysts`')
  await planWithoutRule(api, parse(written) as { rules: { name: string }[] }, 'data analysts')
}

async function planWithoutRule(
  api: Api,
  document: { rules: { name: string }[] },
  rule: string,
): Promise<void> {
  const shown = await api.plan({ ...document, rules: document.rules.filter(({ name }) => name !== rule) })
  printPlan(shown)
  if (!shown.plan.summary?.kinds.loss) surprises.push(`nobody loses access without the rule \`${rule}\``)
}

/** The first synchronisation of a company through its identity provider. */
async function fill(api: Api, directory: string, provider: Provider, firm: Company): Promise<Site> {
  const { scimUrl, token } = await api.openDirectory(directory, provider)
  const connection = connect(scimUrl, token, headersOf(provider))
  const dialect = providers[provider](connection, acmeExtension)
  const progress = showProgress(directory)
  const synced = await sync(dialect, firm, { report: progress.show })
  progress.end(
    `${firm.people.length} people, ${firm.teams.length} groups, ${synced.memberships} memberships in ${connection.requests()} requests of ${provider}`,
  )
  surprises.push(...synced.failures.map(({ what, why: cause }) => `${directory}: ${what}: ${cause}`))
  return { directory, company: firm, dialect, synced }
}

function printSummary(assignments: readonly Assignment[]): void {
  if (assignments.length !== 300) surprises.push(`${assignments.length} of 300 people have a decision`)
  const groups = Map.groupBy(assignments, ({ environment, reason, role }) =>
    environment === null ? `denied: ${reason}` : `${environment} as ${role}`,
  )
  const rows = [...groups].map(([where, people]) => [where, people.length, people[0]?.user.userName ?? ''])
  printTable(
    ['WHERE', 'PEOPLE', 'FOR EXAMPLE'],
    rows.toSorted(([a], [b]) => String(a).localeCompare(String(b))),
  )
}

function compare({ userName, story, ends }: Part, decision: Decision): void {
  const expected = typeof ends === 'string' ? ends : ends.join(' as ')
  const found = decision.environment
    ? `${decision.environment.connection} as ${decision.role?.name}`
    : decision.reason
  if (found !== expected)
    surprises.push(`${userName} (${story}) ended with ${found} and not with ${expected}`)
}

function place(decision: Decision): string {
  return decision.environment?.connection ?? `denied: ${decision.reason}`
}
