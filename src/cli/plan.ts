import { Command, Option } from 'commander'
import { EFFECT_KINDS, EFFECTS, type EffectKind } from '../../schemas/messages/plans.ts'
import type { Context } from '../context.ts'
import type { Document } from '../provision/edit/document.ts'
import { beginPlan, listPlanEffects, readPlan, type EffectView, type Plan } from '../provision/plan.ts'
import { Problem } from '../provision/problem.ts'
import { printChanges, printFindings, withName } from './changes.ts'
import { documentIn } from './document.ts'
import { EXIT } from './exit.ts'
import { byCommand, withInstallation } from './local.ts'
import { wholeNumber } from './options.ts'
import { printable, printJson, printTable, progressBar } from './print.ts'

interface Options {
  readonly list: number
  readonly kind?: EffectKind
  readonly connection?: string
  readonly search?: string
  readonly json?: true
}

/** A plan with the effects that are shown of it. */
interface Shown {
  readonly plan: Plan
  readonly effects: readonly EffectView[]
  /** What is planned. */
  readonly document?: Document
}

export const planCommand = (): Command =>
  new Command('plan')
    .description('show what a configuration file would change, for the configuration and for everybody')
    .argument('<file>', 'YAML or JSON; `-` reads standard input')
    .option('--list <number>', 'people to list', wholeNumber, 20)
    .addOption(new Option('--kind <kind>', 'list only this kind of effect').choices([...EFFECT_KINDS]))
    .option('--connection <name>', 'list only effects on this connection')
    .option('--search <text>', 'list only people with this in their user name')
    .option('--json', 'for programs')
    .action(async (file: string, options: Options) => {
      const document = documentIn(file)
      const shown = await withInstallation((ctx) => showPlan(ctx, document, options))
      tellPlan(shown, options.json)
    })

/** Prints a plan, and ends with the exit code that says whether it would change anything. */
export function tellPlan(shown: Shown, json: true | undefined): void {
  if (json) printJson({ ...shown.plan, effects: shown.effects })
  else printPlan(shown)
  process.exitCode = exitCodeOf(shown.plan)
}

/** Plans a document with a progress bar, and reads what is to be shown of it. */
export async function showPlan(
  ctx: Context,
  document: unknown,
  { list, kind, connection, search }: Omit<Options, 'json'>,
): Promise<Shown> {
  const bar = progressBar('deciding for everybody')
  const { id, ended } = await beginPlan(ctx, byCommand(ctx), document, { progress: bar.show })
  await ended
  bar.end()
  const plan = await readPlan(ctx, id)
  if (plan.state !== 'done') throw new Problem(409, plan.error ?? 'another plan took the place of this one')
  const limit = Math.min(Math.max(list, 1), 1000)
  const { effects } = await listPlanEffects(ctx, id, { limit, kind, connection, search })
  return { plan, effects: list === 0 ? [] : effects, document: document as Document }
}

/** Whether applying the plan would change anything. */
const changesAnything = ({ changes, summary }: Plan): boolean =>
  (changes ?? []).length > 0 || (summary?.affected ?? 0) > 0

/** What a script is told of a plan. */
function exitCodeOf(plan: Plan): number {
  if (isRefused(plan)) return EXIT.failed
  return changesAnything(plan) ? EXIT.found : EXIT.done
}

const isRefused = ({ refusals }: Plan): boolean => (refusals ?? []).length > 0

/** Prints a plan for people: differences, then the effect in numbers, then whom it affects. */
export function printPlan({ plan, effects, document }: Shown): void {
  const { id, basedOn, changes, findings, refusals, summary } = plan
  if (!changesAnything(plan) || summary === null) {
    return console.log(`no change: revision ${basedOn} says the same already`)
  }
  console.log(`Differences from ${basedOn === 0 ? 'nothing' : `revision ${basedOn}`}\n`)
  printChanges(changes ?? [], true)
  printFindings(findings ?? [], document)

  console.log(`\nEffect on people: ${summary.affected} of ${summary.people}\n`)
  for (const { connection, model, kinds, moves, roles, denials } of summary.connections) {
    console.log(printable(model === null ? connection : `${connection}, model ${model}`))
    for (const [kind, count] of Object.entries(kinds)) {
      console.log(`  ${String(count).padStart(7)}  ${EFFECTS[kind as EffectKind]} (${kind})`)
    }
    for (const { from, to, people } of moves)
      console.log(printable(`  ${String(people).padStart(7)}  environment ${from} → ${to}`))
    for (const { from, to, people } of roles)
      console.log(printable(`  ${String(people).padStart(7)}  role ${from} → ${to}`))
    for (const { reason, people } of denials)
      console.log(`  ${String(people).padStart(7)}  denied: ${reason}`)
  }
  if (effects.length > 0) {
    console.log('')
    printTable(
      ['PERSON', 'DIRECTORY', 'ON', 'BEFORE', 'AFTER', 'PERMISSIONS', 'BECAUSE'],
      effects.map(({ user, directory, connection, model, kinds, before, after, permissions, because }) =>
        [
          user.userName,
          directory.name,
          model ?? connection,
          place(before, kinds),
          place(after, kinds),
          permissionsText(permissions),
          because,
        ].map(printable),
      ),
    )
    const more = Object.values(summary.kinds).length > 0 && effects.length < summary.listed
    if (more)
      console.log(`and more: --list, --kind, --connection, --search, or GET /api/v1/plans/${id}/effects`)
  }
  if (!isRefused(plan)) return console.log(`\nnothing was changed; to do it: signalbox apply --plan ${id}`)
  console.log('\nnothing was changed; applying it would be refused, as people are now:')
  for (const { path, message } of (refusals ?? []).map((one) => withName(one, document)))
    console.log(printable(`  ${path}: ${message}`))
}

function place(standing: EffectView['before'], kinds: readonly EffectKind[]): string {
  if (standing === null) return '-'
  const { decision, reason, role, environment, value } = standing
  if (decision === 'deny') return `denied: ${reason}`
  return `${environment}${kinds.includes('value') ? ` by ${value ?? 'no value'}` : ''} as ${role}`
}

/** Permissions that are told of one person: the others are counted. */
const TOLD_AT_MOST = 4

function permissionsText({ gained, lost }: EffectView['permissions']): string {
  const all = [...gained.map((id) => `+${id}`), ...lost.map((id) => `-${id}`)]
  const more = all.length - TOLD_AT_MOST
  return [...all.slice(0, TOLD_AT_MOST), ...(more > 0 ? [`and ${more} more`] : [])].join(' ') || '-'
}
