import { Command } from 'commander'
import { decidedConnections, resolve, type Decision } from '../provision/resolve.ts'
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
    .argument('[connection]', 'default: every connection')
    .option('--directory <name>', 'name or id, where the user alone is not enough')
    .option('--model <name>', 'a model on the connection')
    .option('--environment <connection>', 'the environment that was picked')
    .option('--json', 'for programs')
    .action(async (user: string, connection: string | undefined, { json, ...rest }: Options) => {
      const answers = await withInstallation(async (ctx) => {
        const connections = connection === undefined ? await decidedConnections(ctx) : [connection]
        const asked = connections.map((one) => ({ user, connection: one, ...rest }))
        return Promise.all(
          asked.map(async (question) => ({
            question,
            answer: JSON.parse(await resolve(ctx, question)) as Decision,
          })),
        )
      })
      const [first] = answers
      if (json) printJson(connection === undefined ? answers : first?.answer)
      else if (first === undefined)
        console.log('the configuration has no connections yet; see `signalbox apply`')
      for (const { question, answer } of json ? [] : answers) {
        console.log(tell(user, question.model ?? question.connection, answer))
      }
      if (answers.every(({ answer }) => answer.decision === 'deny')) process.exitCode = EXIT.denied
    })

/** A decision with its reasons, as a person would tell it. */
export function tell(user: string, on: string, answer: Decision): string {
  const headline =
    answer.decision === 'allow' && answer.environment !== null
      ? `ALLOW  ${user} on ${on}: as ${answer.role?.name}, in the environment ${answer.environment.connection}`
      : `DENY   ${user} on ${on}: ${answer.reason}`
  return [headline, ...answer.because.map(({ step, text }) => `  ${step.padEnd(11)}  ${text}`)].join('\n')
}
