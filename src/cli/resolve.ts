import { Command, InvalidArgumentError } from 'commander'
import { question } from '../../schemas/messages.ts'
import {
  connectionOfModel,
  decidedConnections,
  resolve,
  type Decision,
  type Explained,
  type WhyNot,
} from '../provision/resolve.ts'
import { WrongUsage } from './checked.ts'
import { withInstallation } from './local.ts'
import { EXIT } from './exit.ts'
import { printJson } from './print.ts'

interface Options {
  readonly directory?: string
  readonly model?: string
  readonly environment?: string
  readonly at?: string
  readonly whyNot?: string
  readonly json?: true
}

export const resolveCommand = (): Command =>
  new Command('resolve')
    .description('as which role, in which environment, do this person’s queries run, and why?')
    .argument('<user>', 'id, user name, external id or e-mail address')
    .argument('[connection]', 'default: that of the model, else every connection')
    .option('--directory <name>', 'name or id, where the user alone is not enough')
    .option('--model <name>', 'a model on the connection')
    .option('--environment <connection>', 'the environment that was picked')
    .option(
      '--at <moment>',
      'the answer of a past moment, such as 2026-11-22T04:00:00Z (default: now)',
      moment,
    )
    .option('--why-not <role or environment>', 'the nearest ways to it, and what each fails on')
    .option('--json', 'for programs')
    .action(async (user: string, named: string | undefined, { json, ...rest }: Options) => {
      if (rest.whyNot !== undefined && named === undefined && rest.model === undefined) {
        throw new WrongUsage(
          'a role is had, and an environment stands, on a connection: name it after the user',
        )
      }
      const isOne = named !== undefined || rest.model !== undefined
      const answers = await withInstallation(async (ctx) => {
        const connections =
          named !== undefined
            ? [named]
            : rest.model !== undefined
              ? [await connectionOfModel(ctx, rest.model, rest.at)]
              : await decidedConnections(ctx, rest.at)
        const asked = connections.map((one) => ({ user, connection: one, explain: true, ...rest }))
        return Promise.all(
          asked.map(async (one) => ({
            question: one,
            answer: JSON.parse(await resolve(ctx, one)) as Told,
          })),
        )
      })
      const [first] = answers
      if (json) printJson(isOne ? first?.answer : answers)
      else if (first === undefined)
        console.log('the configuration has no connections yet; see `signalbox apply`')
      for (const { question: asked, answer } of json ? [] : answers) {
        console.log(tell(user, asked.model ?? asked.connection, answer))
      }
      if (answers.every(({ answer }) => answer.decision === 'deny')) process.exitCode = EXIT.denied
    })

/** An answer with what the command asks for beside the decision. */
type Told = (Decision | Explained) & { readonly whyNot?: readonly WhyNot[] }

/** A decision with its reasons and what they rest on, where that is known, as a person would tell it. */
export function tell(user: string, on: string, answer: Told): string {
  const headline =
    answer.decision === 'allow' && answer.environment !== null
      ? `ALLOW  ${user} on ${on}: as ${answer.role?.name}, in the environment ${answer.environment.connection}`
      : `DENY   ${user} on ${on}: ${answer.reason}`
  const reasons = answer.because.flatMap((reason) => [
    `  ${reason.step.padEnd(11)}  ${reason.text}`,
    ...('restsOn' in reason ? reason.restsOn : []).map(({ text }) => `  ${' '.repeat(11)}    ${text}`),
  ])
  return [headline, ...reasons, ...(answer.whyNot ?? []).flatMap(tellWhyNot)].join('\n')
}

function tellWhyNot({ wanted, has, ways, more }: WhyNot): string[] {
  const what = 'role' in wanted ? `the role ${wanted.role}` : `the environment ${wanted.environment}`
  if (has) return [`WHY NOT  ${what}: the user has it`]
  if (ways.length === 0) return [`WHY NOT  ${what}: nothing gives it to this user`]
  return [
    `WHY NOT  ${what}`,
    ...ways.flatMap(({ text, fails }) => [`  ${text}, but`, ...fails.map((why) => `    - ${why}`)]),
    ...(more > 0 ? [`  and ${more} further ways, from which more is missing`] : []),
  ]
}

function moment(text: string): string {
  const parsed = question.shape.at.safeParse(text)
  if (parsed.success) return parsed.data ?? text
  throw new InvalidArgumentError('It has to be a moment with its time zone, such as 2026-11-22T04:00:00Z.')
}
