import { Argument, Command, InvalidArgumentError } from 'commander'
import { Problem } from '../provision/problem.ts'
import { EXIT } from './exit.ts'
import { printJson, progressBar } from './print.ts'
import { Refused, Unreachable } from './simulate/connection.ts'
import { acmeExtension, providers, simulate } from './simulate/simulate.ts'
import type { Provider, Simulated } from './simulate/simulate.ts'
import type { Progress } from './simulate/sync.ts'

interface Options {
  readonly url: string
  readonly token: string
  readonly people: number
  readonly teams: number
  readonly days: number
  readonly hours: number
  readonly joiners: number
  readonly movers: number
  readonly leavers: number
  readonly seed: number
  readonly domain: string
  readonly extension: string
  readonly concurrency: number
  readonly json?: true
}

export const simulateCommand = (): Command =>
  new Command('simulate')
    .description('play an identity provider with an invented company against a running server')
    .addArgument(new Argument('<provider>', 'whose requests').choices(Object.keys(providers)))
    .requiredOption('--url <url>', 'SCIM base URL of the server: http://localhost:3000/scim/v2')
    .requiredOption('--token <token>', 'a token of the directory')
    .option('--people <number>', 'how many people', positive, 300)
    .option('--teams <number>', 'how many groups', positive, 25)
    .option(
      '--days <number>',
      'days of leavers, movers and renames after the first synchronisation',
      count,
      0,
    )
    .option('--hours <number>', 'hours of joiners, movers and leavers after that, without waiting', count, 0)
    .option('--joiners <number>', 'people who join in an hour; a fraction adds up', rate, 1)
    .option('--movers <number>', 'people who move to another department in an hour', rate, 2)
    .option('--leavers <number>', 'people who leave in an hour', rate, 1)
    .option('--seed <number>', 'another number, another company', count, 1)
    .option('--domain <name>', 'the part of user names behind the `@`', 'acme.example')
    .option('--extension <urn>', 'extension that carries `dbRole` and `costCentre`', acmeExtension)
    .option('--concurrency <number>', 'requests under way at once', positive, 8)
    .option('--json', 'for programs')
    .action(async (provider: Provider, { json, joiners, movers, leavers, ...options }: Options) => {
      const rates = { joiners, movers, leavers }
      const result = await simulate({ provider, ...options, rates }, showSteps()).catch(tellWhy)
      if (json) printJson(result)
      else console.log(tell(result))
      if (result.failures.length > 0) process.exitCode = EXIT.failed
    })

/** The connection test failed: the person at the keyboard can do something about it. */
function tellWhy(error: unknown): never {
  if (error instanceof Refused) throw new Problem(error.status, `the server refuses: ${error.detail}`)
  if (error instanceof Unreachable) throw new Problem(502, error.message)
  throw error
}

/** A progress bar a step. */
function showSteps(): (progress: Progress) => void {
  let current: { step: string; bar: ReturnType<typeof progressBar> } | undefined
  return ({ step, done, total }) => {
    if (current?.step !== step) current = { step, bar: progressBar(step) }
    current.bar.show(done, total)
    if (done === total) current.bar.end()
  }
}

function tell({ users, groups, memberships, events, requests, failures }: Simulated): string {
  return [
    `${users} users, ${groups} groups, ${memberships} memberships, ${events} events in ${requests} requests`,
    ...(failures.length > 0 ? [`${failures.length} failed:`] : []),
    ...failures.slice(0, 20).map(({ what, why }) => `  ${what}: ${why}`),
  ].join('\n')
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError('should be a whole number')
  return value
}

function rate(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('should be a number, 0 or more')
  return value
}

function positive(text: string): number {
  if (count(text) === 0) throw new InvalidArgumentError('should be at least 1')
  return count(text)
}
