import { Command } from 'commander'
import { auditQuery } from '../../schemas/messages/audit.ts'
import { currentCheckpoint, listAuditEntries, type AuditEntryView } from '../provision/audit.ts'
import { Problem } from '../provision/problem.ts'
import type { Context } from '../context.ts'
import { checked } from './checked.ts'
import { withInstallation } from './local.ts'
import { printJson, printTable } from './print.ts'

export const auditCommand = (): Command =>
  new Command('audit')
    .description('who changed what, the newest first')
    .option('--directory <name>', 'name or id')
    .option(
      '--subject <name>',
      'what was changed: id or name of a user, a group, a directory, a role, a rule …',
    )
    .option('--actor <actor>', 'who changed it: `token:sb_…`, `client:sbc_…`, `cli` or `system`')
    .option('--action <action>', 'such as `user.updated`')
    .option('--request <id>', 'the `X-Request-Id` of an answer')
    .option('--from <moment>', 'ISO 8601, a moment or a day')
    .option('--until <moment>', 'ISO 8601, a moment or a day')
    .option('--search <text>', 'part of the action, or of the id or name of what was changed')
    .option('--limit <number>', 'so many entries at most', '100')
    .option('--json', 'for programs, with everything that was there before and after')
    .action(async (options: { json?: true; limit: string } & Record<string, string>, command: Command) => {
      const { json, limit, ...wanted } = options
      const entries = await withInstallation((ctx) => collect(ctx, wanted, Number(limit), command))
      if (json) return printJson({ entries })
      printTable(
        ['ENTRY', 'AT', 'WHO', 'ACTION', 'DIRECTORY', 'SUBJECT', 'WHAT'],
        entries.map((one) => [
          one.entry,
          one.at,
          one.actor.label || one.actor.id,
          one.action,
          one.directory === null ? null : (one.directory.name ?? one.directory.id),
          one.subject.name || one.subject.id,
          summary(one),
        ]),
      )
    })
    .addCommand(
      new Command('checkpoint')
        .description(
          'the end of the audit, signed: a line to keep elsewhere, for `verify-audit --checkpoints`',
        )
        .option('--json', 'the same line')
        .action(async () => {
          const found = await withInstallation(currentCheckpoint)
          if (found === undefined) throw new Problem(404, 'there is no entry in the audit yet')
          console.log(JSON.stringify(found))
        }),
    )

/** Entries over as many pages as it takes. */
async function collect(
  ctx: Context,
  wanted: Readonly<Record<string, string>>,
  limit: number,
  command: Command,
): Promise<AuditEntryView[]> {
  const entries: AuditEntryView[] = []
  for (let cursor: string | undefined; ;) {
    const asked = { ...wanted, limit: Math.min(limit - entries.length, LARGEST_PAGE), cursor }
    const query = checked(auditQuery, asked, command)
    const page = await listAuditEntries(ctx, query)
    entries.push(...page.entries)
    cursor = page.nextCursor
    if (cursor === undefined || entries.length >= limit) return entries
  }
}

const LARGEST_PAGE = 1000

/** What became different, in a few words. */
function summary({ detail }: AuditEntryView): string {
  const names = [detail['before'], detail['after']].flatMap((one) => (isObject(one) ? Object.keys(one) : []))
  const counts = COUNTED.flatMap(([key, sign, one, what]) => {
    const list = detail[key]
    return Array.isArray(list) && list.length > 0
      ? [`${sign}${list.length} ${list.length === 1 ? one : what}`]
      : []
  })
  return [...new Set(names), ...counts, ...changesIn(detail)].join(', ')
}

const COUNTED = [
  ['added', '+', 'member', 'members'],
  ['removed', '-', 'member', 'members'],
  ['access', '', 'with other access', 'with other access'],
] as const

/** What a revision changed, by its names: only this many are told, the others are counted. */
const NAMED_AT_MOST = 5

function changesIn({ changes }: AuditEntryView['detail']): string[] {
  if (!Array.isArray(changes)) return []
  const named = changes.filter(isObject).map((one) => {
    const { change, kind, name, formerName } = one as Partial<Readonly<Record<string, unknown>>>
    const names = formerName === undefined ? [name] : [formerName, 'to', name]
    return (SIGNS.get(change) ?? '') + [kind, ...names].filter(Boolean).join(' ')
  })
  const more = named.length - NAMED_AT_MOST
  return [...named.slice(0, NAMED_AT_MOST), ...(more > 0 ? [`${more} more`] : [])]
}

const SIGNS: ReadonlyMap<unknown, string> = new Map([
  ['added', '+'],
  ['removed', '-'],
])

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
