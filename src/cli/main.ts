import { Command, CommanderError } from 'commander'
import { ConfigError } from '../config.ts'
import { Problem } from '../provision/problem.ts'
import { VERSION } from '../provision/status.ts'
import { alarmCommand } from './alarm.ts'
import { applyCommand } from './apply.ts'
import { assignmentsCommand } from './assignments.ts'
import { auditCommand } from './audit.ts'
import { checkCommand } from './check.ts'
import { WrongUsage } from './checked.ts'
import { clientCommand } from './client.ts'
import { directoryCommand } from './directory.ts'
import { doctorCommand } from './doctor.ts'
import { editCommands } from './edit/edit-commands.ts'
import { EXIT } from './exit.ts'
import { exportCommand } from './export.ts'
import { holdCommand } from './hold.ts'
import { lintCommand } from './lint.ts'
import { migrateCommand } from './migrate.ts'
import { planCommand } from './plan.ts'
import { printJson } from './print.ts'
import { refusedCommand } from './refused.ts'
import { resolveCommand } from './resolve.ts'
import { revisionsCommand } from './revisions.ts'
import { rollbackCommand } from './rollback.ts'
import { secretCommand } from './secret.ts'
import { serveCommand } from './serve.ts'
import { simulateCommand } from './simulate.ts'
import { statusCommand } from './status.ts'
import { asOptions, toldOf } from './told-of.ts'
import { tokenCommand } from './token.ts'
import { verifyAuditCommand } from './verify-audit.ts'

/** Runs the command line; the exit code is in `process.exitCode` afterwards. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = createProgram()
  throwInsteadOfExiting(program)
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = argv.includes('--json') ? tellPrograms(error) : tell(error)
  }
}

/** Every command, with its options and help. */
export function createProgram(): Command {
  const program = new Command('signalbox')
    .version(VERSION)
    .description(
      'SCIM provisioning: as which role, in which database environment, do a person’s queries run, and why?',
    )
    .addHelpText(
      'after',
      `
The database is the one that DATABASE_URL names; .env.example lists every setting.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 \`resolve\` or \`check --as\` answered with a deny,
4 \`plan\` or \`rollback --plan\` would change something, \`lint\` or \`verify-audit\` has findings.`,
    )
  for (const add of [
    serveCommand,
    migrateCommand,
    directoryCommand,
    tokenCommand,
    clientCommand,
    planCommand,
    applyCommand,
    revisionsCommand,
    rollbackCommand,
    lintCommand,
    ...editCommands,
    exportCommand,
    resolveCommand,
    assignmentsCommand,
    secretCommand,
    checkCommand,
    simulateCommand,
    doctorCommand,
    statusCommand,
    alarmCommand,
    holdCommand,
    refusedCommand,
    auditCommand,
    verifyAuditCommand,
  ]) {
    program.addCommand(add())
  }
  return program
}

/** The same for programs: what went wrong as JSON on standard output. */
function tellPrograms(error: unknown): number {
  if (error instanceof Problem) {
    printJson({
      error: {
        status: error.status,
        detail: asOptions(error.detail),
        ...(error.errors && { errors: error.errors }),
      },
    })
    return exitCodeOf(error)
  }
  if (error instanceof ConfigError) {
    printJson({ error: { detail: error.message } })
    return EXIT.failed
  }
  return tell(error)
}

const exitCodeOf = (problem: Problem): number => (problem instanceof WrongUsage ? EXIT.usage : EXIT.failed)

function throwInsteadOfExiting(command: Command): void {
  command.exitOverride()
  for (const child of command.commands) throwInsteadOfExiting(child)
}

/** Says what went wrong on standard error and returns the exit code for it. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage
  if (error instanceof Problem) {
    for (const line of toldOf(error)) console.error(line)
    return exitCodeOf(error)
  }
  if (error instanceof ConfigError) {
    console.error(error.message)
    return EXIT.failed
  }
  throw error
}
