import { Command } from 'commander'
import { mergePatch } from '../../provision/edit/merge-patch.ts'
import { duplicateRole } from '../../provision/edit/roles.ts'
import type { Entry } from '../../provision/edit/document.ts'
import { CONNECTION, ROLE, SECTION_COMMANDS } from './commands.ts'
import { cleanupVerb } from './connection-cleanup.ts'
import { addFields, merged, patchOf } from './fields.ts'
import { addEditFlags, makeEdit, type EditFlags } from './make-edit.ts'
import { sectionCommand, type OtherWay } from './section-command.ts'
import { WIZARD } from '../wizard/connection-wizard.ts'

/** The commands that edit the configuration piece by piece: one for each section, with what some have besides. */
export const editCommands: readonly (() => Command)[] = SECTION_COMMANDS.map((edited) => () => {
  const { verbs = [], adding } = MORE[edited.command] ?? {}
  const command = sectionCommand(edited, adding)
  for (const verb of verbs) command.addCommand(verb())
  return command
})

const duplicateVerb = (): Command =>
  addEditFlags(
    addFields(
      new Command('duplicate')
        .description('add a role that is like another one, base roles included, but for what the options say')
        .argument('<name>', 'the role')
        .argument('<copy>', 'the name of the new one'),
      ROLE.fields,
    ),
  ).action(async (name: string, copy: string, options: EditFlags & Readonly<Record<string, unknown>>) => {
    const but = mergePatch({}, merged({ name: copy }, patchOf(ROLE.fields, options))) as Entry
    await makeEdit((document) => duplicateRole(document, name, but), options, ROLE.fields)
  })

interface More {
  readonly verbs: readonly (() => Command)[]
  readonly adding?: OtherWay
}

/** What a command has beside what all have. */
const MORE: Readonly<Record<string, More>> = {
  [ROLE.command]: { verbs: [duplicateVerb] },
  [CONNECTION.command]: { verbs: [cleanupVerb], adding: WIZARD },
}
