import { Command } from 'commander'
import { resolve, type Decision } from '../provision/resolve.ts'
import { withInstallation } from './local.ts'
import { EXIT } from './exit.ts'
import { printJson } from './print.ts'

interface Options {
  readonly directory?: string
  readonly model?: string
  readonly environment?: string
  readonly json?: true
}

export const resolveCommand = (): Command =>
  new Command('resolve')
    .description('as which role, in which environment, do this person’s queries run, and why?')
    .argument('<user>', 'id, user name, external id or e-mail address')
    .argument('<connection>')
    .option('--directory <name>', 'name or id, where the user alone is not enough')
    .option('--model <name>', 'a model on the connection')
    .option('--environment <connection>', 'the environment that was picked')
    .option('--json', 'for programs')
    .action(async (user: string, connection: string, { json, ...rest }: Options) => {
      const body = await withInstallation((ctx) => resolve(ctx, { user, connection, ...rest }))
      const answer = JSON.parse(body) as Decision
      if (json) printJson(answer)
      else console.log(tell(user, rest.model ?? connection, answer))
      if (answer.decision === 'deny') process.exitCode = EXIT.denied
    })

/** A decision with its reasons, as a person would tell it. */
export function tell(user: string, on: string, answer: Decision): string {
  const headline =
    answer.decision === 'allow' && answer.environment !== null
      ? `ALLOW  ${user} on ${on}: as ${answer.role?.name}, in the environment ${answer.environment.connection}`
      : `DENY   ${user} on ${on}: ${answer.reason}`
  return [headline, ...answer.because.map(({ step, text }) => `  ${step.padEnd(11)}  ${text}`)].join('\n')
}
