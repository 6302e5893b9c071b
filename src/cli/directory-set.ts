import { Command, Option } from 'commander'
import { MEASURES, MODES, REHIRES, type Measure, type Mode, type Rehire } from '../../schemas/config.ts'
import { directoryChange } from '../../schemas/messages.ts'
import { changeDirectory, readDirectory, type DirectoryView } from '../provision/directories.ts'
import { checked } from './checked.ts'
import { pairsIn } from './edit/fields.ts'
import { byCommand, withInstallation } from './local.ts'
import { printable, printJson } from './print.ts'

export const directorySetCommand = (): Command =>
  new Command('set')
    .description('change how a directory is treated; what is not named stays as it is')
    .argument('<directory>', 'name or id')
    .addOption(
      new Option('--mode <mode>', 'make allowance for habits of clients, or hold them to the RFCs').choices([
        ...MODES,
      ]),
    )
    .addOption(
      new Option('--rehire <policy>', 'what becomes of a person who was deleted and comes back').choices([
        ...REHIRES,
      ]),
    )
    .addOption(
      new Option(
        '--brake <measure>',
        'when too many lose access: tell administrators, or hold it until they decide',
      ).choices([...MEASURES]),
    )
    .option('--brake-users <number>', 'more people who lose access are too many', Number)
    .option('--brake-percent <number>', 'a larger part of the directory is too many', Number)
    .option('--brake-minutes <number>', 'within so many minutes', Number)
    .option('--up-to <tier>', 'the highest tier that its data may hand out; the rest is refused')
    .option('--may-grant <attribute=value...>', 'the values that its data may hand out, of these attributes')
    .option('--no-ceiling', 'its data may hand out everything')
    .option('--rate-per-second <number>', 'requests a second in the long run', Number)
    .option('--rate-burst <number>', 'requests at once after a pause', Number)
    .option('--no-rate-limit', 'as often as the server allows everybody')
    .option('--json', 'for programs')
    .action(async (directory: string, options: Options, command: Command) => {
      const { json, mode, rehire, brake: measure, brakeUsers, brakePercent, brakeMinutes } = options
      const given = { users: brakeUsers, percent: brakePercent, minutes: brakeMinutes, measure }
      const brake = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
      const changed = await withInstallation(async (ctx) => {
        const present = await readDirectory(ctx, directory)
        const change = {
          mode,
          rehire,
          ...(Object.keys(brake).length > 0 && { brake }),
          ...ceilingIn(options, present),
          ...rateIn(options, present),
        }
        const wanted = checked(directoryChange, change, command)
        return changeDirectory(ctx, byCommand(ctx), directory, wanted)
      })
      if (json) return printJson(changed)
      const { users, percent, minutes } = changed.brake
      console.log(
        `${changed.name}  mode ${changed.mode}, rehire ${changed.rehire}, brake at ${users} people or ${percent} % in ${minutes} minutes: ${changed.brake.measure}`,
      )
      for (const line of [ceilingText(changed), rateText(changed)]) if (line !== undefined) console.log(line)
    })

interface Options {
  readonly mode?: Mode
  readonly rehire?: Rehire
  readonly brake?: Measure
  readonly brakeUsers?: number
  readonly brakePercent?: number
  readonly brakeMinutes?: number
  readonly upTo?: string
  readonly mayGrant?: readonly string[]
  readonly ceiling: boolean
  readonly ratePerSecond?: number
  readonly rateBurst?: number
  readonly rateLimit: boolean
  readonly json?: true
}

/** The ceiling as the options leave it; what they do not name of it stays. */
function ceilingIn({ upTo, mayGrant, ceiling }: Options, present: DirectoryView): object {
  if (!ceiling) return { mayGrant: null }
  if (upTo === undefined && mayGrant === undefined) return {}
  const values = Object.entries(pairsIn(mayGrant ?? [])).map(([name, value]) => [name, [value].flat()])
  return {
    mayGrant: {
      ...present.mayGrant,
      ...(upTo !== undefined && { upTo }),
      attributes: { ...present.mayGrant?.attributes, ...Object.fromEntries(values) },
    },
  }
}

function rateIn({ ratePerSecond, rateBurst, rateLimit }: Options, present: DirectoryView): object {
  if (!rateLimit) return { rateLimit: null }
  if (ratePerSecond === undefined && rateBurst === undefined) return {}
  return {
    rateLimit: {
      ...present.rateLimit,
      ...(ratePerSecond !== undefined && { perSecond: ratePerSecond }),
      ...(rateBurst !== undefined && { burst: rateBurst }),
    },
  }
}

function ceilingText({ mayGrant }: DirectoryView): string | undefined {
  if (mayGrant === undefined) return undefined
  const { upTo = 'any tier', attributes } = mayGrant
  const values = Object.entries(attributes).map(([name, all]) => `${name} ${all.join(', ') || 'no value'}`)
  return printable(`  may grant up to ${[upTo, ...values].join('; ')}`)
}

const rateText = ({ rateLimit }: DirectoryView): string | undefined =>
  rateLimit && `  ${rateLimit.perSecond} requests a second, ${rateLimit.burst} at once`
