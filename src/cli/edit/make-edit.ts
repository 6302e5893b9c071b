import type { Command } from 'commander'
import { editConfiguration, previewEdit, type Edit } from '../../provision/edit/edit-configuration.ts'
import { viewEdit } from '../../provision/edit/view-edit.ts'
import { andRecompute } from '../apply.ts'
import { printApplied } from '../changes.ts'
import { byCommand, withInstallation } from '../local.ts'
import { wholeNumber } from '../options.ts'
import { Problem } from '../../provision/problem.ts'
import { optionAbout, type Field } from './fields.ts'
import { showPlan, tellPlan } from '../plan.ts'
import { printJson } from '../print.ts'

/** What every command has that changes the configuration. */
export interface EditFlags {
  readonly plan?: true
  readonly basedOn?: number
  readonly json?: true
}

/** Adds the options that every such command has. */
export const addEditFlags = (command: Command): Command =>
  command
    .option(
      '--plan',
      'show what it would change, for the configuration and for everybody, and change nothing',
    )
    .option('--based-on <revision>', 'refuse when another revision is in force', wholeNumber)
    .option('--json', 'for programs')

/**
 * Makes an edit as one revision, or shows what it would change.
 *
 * @param fields the options that set what was sent
 */
export async function makeEdit(edit: Edit, flags: EditFlags, fields: readonly Field[] = []): Promise<void> {
  try {
    await make(edit, flags)
  } catch (error) {
    throw error instanceof Problem ? withOptions(error, fields) : error
  }
}

/** Says of wrong settings by which options they were set. */
function withOptions({ status, detail, errors }: Problem, fields: readonly Field[]): Problem {
  const faults = errors?.map((fault) => ({ ...fault, option: optionAbout(fields, fault.path) }))
  const [first] = faults ?? []
  const named =
    first?.option === undefined
      ? detail
      : detail.replace(`\`${first.path}\`:`, `\`${first.path}\` (\`${first.option}\`):`)
  return new Problem(status, named, faults)
}

async function make(edit: Edit, { plan, basedOn, json }: EditFlags): Promise<void> {
  const options = { basedOn: basedOn === undefined ? undefined : [basedOn] }
  if (plan) {
    const shown = await withInstallation(async (ctx) =>
      showPlan(ctx, (await previewEdit(ctx, edit, options)).edited.document, { list: PEOPLE_LISTED }),
    )
    return tellPlan(shown, json)
  }
  const applied = await withInstallation((ctx) =>
    andRecompute(ctx, (progress) => editConfiguration(ctx, byCommand(ctx), edit, { ...options, progress })),
  )
  if (json) printJson(viewEdit(applied))
  else printApplied(applied)
}

const PEOPLE_LISTED = 20
