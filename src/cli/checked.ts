import type { Command } from 'commander'
import type { z } from 'zod'
import { toErrors, wording } from '../../schemas/config-error.ts'
import { Problem, type Fault } from '../provision/problem.ts'

/** Options that are wrong by themselves, whatever the installation is like. */
export class WrongUsage extends Problem {
  constructor(detail: string, errors?: readonly Fault[]) {
    super(422, detail, errors)
  }
}

/**
 * Reads options by the schema that reads them from a request.
 *
 * @param command whose options they are: mistakes are told by their names
 * @throws WrongUsage with one entry per wrong place
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  command?: Command,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: wording })
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.flatMap(toErrors)
  throw new WrongUsage(
    errors.length === 1 ? 'an option is not as it should be' : 'the options are not as they should be',
    errors.map(({ path, message }) => ({
      path: command === undefined ? path : optionOf(command, path),
      message,
    })),
  )
}

/** The option that sets what a path is about, such as `--display-name` of `displayName`; the path where none does. */
export function optionOf(command: Command, path: string): string {
  const words = path.replaceAll('.', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return command.options.find(({ long }) => long === `--${words}`)?.long ?? path
}
