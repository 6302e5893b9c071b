import { Command, InvalidArgumentError } from 'commander'
import { newTestQuery } from '../../schemas/messages/checks.ts'
import { checkConnection, type ConnectionCheck } from '../provision/check-connection.ts'
import { decidedConnections } from '../provision/resolve.ts'
import { runTestQuery, type TestQuery } from '../provision/test-query.ts'
import { tellCheck } from './check-report.ts'
import { checked, WrongUsage } from './checked.ts'
import { EXIT } from './exit.ts'
import { byCommand, withInstallation } from './local.ts'
import { printJson, progressBar } from './print.ts'
import { tell } from './resolve.ts'

interface Options {
  readonly as?: string
  readonly query?: string
  readonly directory?: string
  readonly model?: string
  readonly environment?: string
  readonly objects?: string
  readonly strict?: true
  readonly timeout: number
  readonly json?: true
}

export const checkCommand = (): Command =>
  new Command('check')
    .description('open the databases of a connection and its environments, and tell as whom and to what')
    .argument('[connection]', 'default: every connection')
    .option('--objects <pattern>', 'show tables and views of this name only: `sales.*`')
    .option('--strict', 'warnings fail, too')
    .option(
      '--as <user>',
      'run a query as the environment of this person: id, user name, external id or e-mail',
    )
    .option('--query <sql>', 'with --as: one statement that reads (default: asks the database who we are)')
    .option('--directory <name>', 'with --as: name or id, where the user alone is not enough')
    .option('--model <name>', 'with --as: a model on the connection')
    .option('--environment <connection>', 'with --as: the environment that was picked')
    .option('--timeout <seconds>', 'for opening a database, and for each statement there', seconds, 10)
    .option('--json', 'for programs')
    .action(async (connection: string | undefined, options: Options) => {
      if (options.as !== undefined) return runAs(connection, options.as, options)
      if (options.query !== undefined) throw new WrongUsage('`--query` needs `--as`: whose query it is')
      await checkAll(connection, options)
    })

async function checkAll(
  connection: string | undefined,
  { timeout, json, objects, strict }: Options,
): Promise<void> {
  const checks = await withInstallation(async (ctx) => {
    const names = connection === undefined ? await decidedConnections(ctx) : [connection]
    const done: ConnectionCheck[] = []
    for (const name of names) {
      const bar = progressBar(name)
      done.push(await checkConnection(ctx, name, { timeoutMs: timeout * 1000, objects, report: bar.show }))
      bar.end()
    }
    return done
  })
  if (json) printJson(connection === undefined ? checks : checks[0])
  else if (checks.length === 0) console.log('the configuration has no connections yet; see `signalbox apply`')
  else console.log(checks.map(tellCheck).join('\n\n'))
  if (checks.some(({ ok, findings }) => !ok || (strict && findings.length > 0)))
    process.exitCode = EXIT.failed
}

async function runAs(connection: string | undefined, user: string, options: Options): Promise<void> {
  if (connection === undefined) throw new WrongUsage('`--as` needs a connection')
  const { query, directory, model, environment, timeout, json } = options
  const { timeoutSeconds, ...asked } = checked(newTestQuery, {
    user,
    query,
    directory,
    model,
    environment,
    timeoutSeconds: timeout,
  })
  const tested = await withInstallation((ctx) =>
    runTestQuery(ctx, byCommand(ctx), { ...asked, connection }, { query, timeoutMs: timeoutSeconds * 1000 }),
  )
  if (json) printJson(tested)
  else console.log(tellQuery(user, connection, tested))
  if (tested.decision.decision === 'deny') process.exitCode = EXIT.denied
  else if (tested.problem !== null) process.exitCode = EXIT.failed
}

function tellQuery(user: string, connection: string, { decision, ran, problem }: TestQuery): string {
  const lines = [tell(user, connection, decision)]
  if (decision.decision === 'deny') lines.push('  no connection was opened')
  if (ran !== null) {
    lines.push(`  ${'ran as'.padEnd(11)}  ${ran.user ?? 'nobody: the engine has no users'}`)
    lines.push(`  ${'database'.padEnd(11)}  ${ran.database} at ${ran.connection}, ${ran.server}`)
    lines.push(`  ${'query'.padEnd(11)}  ${ran.query}`)
  }
  if (typeof ran?.rows === 'number') {
    lines.push(`  ${'rows'.padEnd(11)}  ${ran.rows}`)
    lines.push(`  ${'time'.padEnd(11)}  ${ran.milliseconds?.toFixed(1)} ms`)
  }
  if (problem !== null) lines.push(`  ${'failed'.padEnd(11)}  ${problem}`)
  return lines.join('\n')
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value >= 0.1 && value <= 120)) throw new InvalidArgumentError('It has to be from 0.1 to 120.')
  return value
}
