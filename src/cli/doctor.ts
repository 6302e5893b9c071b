import { Command, InvalidArgumentError } from 'commander'
import { Problem } from '../provision/problem.ts'
import type { Conversation } from './doctor/conversation.ts'
import { conversations } from './doctor/conversations/index.ts'
import { Closed, examine } from './doctor/doctor.ts'
import { Silent } from './doctor/line.ts'
import type { Played } from './doctor/play.ts'
import { hiding, isFine, tell, toJson } from './doctor/report.ts'
import type { TokenClient } from './doctor/token.ts'
import { EXIT } from './exit.ts'
import { printJson, printTable, progressBar } from './print.ts'

interface Options {
  readonly url?: string
  readonly token?: string
  readonly client: readonly Conversation[]
  readonly list?: true
  readonly tokenUrl?: string
  readonly clientId?: string
  readonly clientSecret?: string
  readonly clientAssertion?: string
  readonly scope?: string
  readonly json?: true
}

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description(
      'play what identity providers do against a running SCIM server, and say what they would miss',
    )
    .option('--url <url>', 'SCIM base URL of the server: http://localhost:3000/scim/v2', webAddress)
    .option('--token <token>', 'a token of the directory')
    .option('--client <name>', 'only this one; may be given several times', pick, [])
    .option('--list', 'what can be played')
    .option('--token-url <url>', 'the token endpoint, to test it as well', webAddress)
    .option('--client-id <id>', 'of the token endpoint')
    .option('--client-secret <secret>', 'of the token endpoint')
    .option('--client-assertion <jwt>', 'signed by an issuer that the token endpoint trusts')
    .option('--scope <scope>', 'of the tokens')
    .option('--json', 'for programs')
    .addHelpText(
      'after',
      `
It makes users and groups with names of their own and removes them, also after a failure or Ctrl-C.
Exit code 0: everything was answered as every client needs it.`,
    )
    .action(async (options: Options, command: Command) => {
      if (options.list) return list(options.json)
      const { url, token } = options
      if (url === undefined || token === undefined)
        command.error(`error: required option '--${url === undefined ? 'url' : 'token'}' not specified`)
      else await run(url, token, options)
    })

function list(json: true | undefined): void {
  const all = conversations.map(({ name, title, source, scenes }) => ({
    name,
    title,
    steps: scenes.reduce((sum, { steps }) => sum + steps.length, 0),
    source,
  }))
  if (json) printJson({ clients: all })
  else
    printTable(
      ['NAME', 'CLIENT', 'STEPS', 'SOURCE'],
      all.map((one) => [one.name, one.title, one.steps, one.source]),
    )
}

async function run(url: string, token: string, options: Options): Promise<void> {
  const secrets = [token, options.clientSecret, options.clientAssertion]
  const hide = (text: string): string => hiding(secrets)(text)
  const interrupted = new AbortController()
  const stop = (): void => {
    if (interrupted.signal.aborted) process.exit(EXIT.failed)
    console.error('stopping after this request, and removing what was made; once more to leave it there')
    interrupted.abort()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  try {
    const tokenClient = tokenClientOf(options)
    const bars = showConversations()
    const all = await examine(
      {
        url,
        token,
        conversations: options.client.length > 0 ? options.client : conversations,
        signal: interrupted.signal,
        ...(tokenClient && { tokenClient }),
      },
      {
        step: bars.step,
        played: (played) => {
          bars.end()
          if (!options.json) console.log(tell(played, hide))
        },
        issued: (issued) => secrets.push(issued),
      },
    ).catch(tellWhy)
    finish(all, interrupted.signal.aborted, options.json && ((played) => toJson(played, hide)))
  } finally {
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}

function finish(
  all: readonly Played[],
  interrupted: boolean,
  asJson: ((played: Played) => object) | undefined,
): void {
  const wrong = all.filter((played) => !isFine(played))
  if (asJson) printJson({ fine: wrong.length === 0 && !interrupted, interrupted, clients: all.map(asJson) })
  else if (interrupted) console.log(`interrupted after ${all.length} of the clients`)
  else if (wrong.length === 0) console.log(`all ${all.length} are served`)
  else console.log(`${wrong.length} of ${all.length} would run into trouble`)
  if (wrong.length > 0 || interrupted) process.exitCode = EXIT.failed
}

/** Nobody was let in: the person at the keyboard can do something about it. */
function tellWhy(error: unknown): never {
  if (error instanceof Closed) throw new Problem(403, error.message)
  if (error instanceof Silent) throw new Problem(502, error.message)
  throw error
}

function tokenClientOf(options: Options): TokenClient | undefined {
  const { tokenUrl, clientId, clientSecret, clientAssertion: assertion, scope } = options
  if (tokenUrl === undefined) return undefined
  if (clientId === undefined || (clientSecret === undefined && assertion === undefined))
    throw new Problem(
      400,
      '`--token-url` needs `--client-id` and one of `--client-secret` and `--client-assertion`',
    )
  return {
    tokenUrl,
    clientId,
    ...(clientSecret !== undefined && { clientSecret }),
    ...(assertion !== undefined && { assertion }),
    ...(scope !== undefined && { scope }),
  }
}

/** A progress bar a conversation. */
function showConversations(): {
  step: (conversation: Conversation, done: number, total: number) => void
  end: () => void
} {
  let current: { name: string; bar: ReturnType<typeof progressBar> } | undefined
  return {
    step({ name }, done, total) {
      if (current?.name !== name) current = { name, bar: progressBar(name) }
      current.bar.show(done, total)
    },
    end: () => current?.bar.end(),
  }
}

function pick(name: string, picked: readonly Conversation[]): readonly Conversation[] {
  const found = conversations.find((one) => one.name === name)
  if (!found) throw new InvalidArgumentError(`there are: ${conversations.map((one) => one.name).join(', ')}`)
  return [...picked, found]
}

function webAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new InvalidArgumentError('should be an address that begins with http:// or https://')
  return text
}
