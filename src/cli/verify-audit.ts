import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { readConfig } from '../config.ts'
import { readCheckpoints } from '../provision/checkpoint-file.ts'
import { Problem } from '../provision/problem.ts'
import { sealAudit } from '../provision/seal-audit.ts'
import { isPublicKey, verifyAudit, type Verdict } from '../provision/verify-audit.ts'
import { WrongUsage } from './checked.ts'
import { EXIT } from './exit.ts'
import { withInstallation, withStore } from './local.ts'
import { printJson, progressBar } from './print.ts'

interface Options {
  readonly checkpoints?: string
  readonly publicKey?: string
  readonly json?: true
}

export const verifyAuditCommand = (): Command =>
  new Command('verify-audit')
    .description(
      'whether the audit is as it was written: nothing edited, deleted, moved, cut off or written anew',
    )
    .option(
      '--checkpoints <file>',
      'what was kept outside the database (default: AUDIT_CHECKPOINT_FILE, or else `audit-checkpoints.jsonl` beside the database)',
    )
    .option(
      '--public-key <key>',
      'verify from outside, with this key and without the one of the installation',
    )
    .option('--json', 'for programs')
    .action(async (options: Options) => {
      if (options.publicKey !== undefined && !isPublicKey(options.publicKey))
        throw new WrongUsage('`--public-key` is no key: it is what `verify-audit` and every checkpoint show')
      const expected = checkpointsOf(options)
      const checkpoints = expected !== undefined && existsSync(expected) ? expected : undefined
      const bar = progressBar('verifying')
      const verdict = await verify(options, checkpoints, bar.show)
      bar.end()
      if (options.json) printJson(verdict)
      else console.log(told(verdict, expected, checkpoints).join('\n'))
      if (verdict.findings.length > 0) process.exitCode = EXIT.found
    })

function verify(
  { publicKey }: Options,
  file: string | undefined,
  progress: (done: number, total: number) => void,
): Promise<Verdict> {
  const checkpoints = file === undefined ? undefined : readCheckpoints(file)
  if (publicKey !== undefined)
    return withStore((engine) => verifyAudit(engine, { publicKey, checkpoints }, progress))
  return withInstallation(async (ctx) => {
    await sealAudit(ctx)
    const { audit, engine } = ctx
    return verifyAudit(engine, { publicKey: audit.publicKey, keys: audit, checkpoints }, progress)
  })
}

function checkpointsOf({ checkpoints }: Options): string | undefined {
  if (checkpoints !== undefined && !existsSync(checkpoints))
    throw new Problem(400, `the file \`${checkpoints}\` cannot be read: there is none`)
  return checkpoints ?? readConfig().auditCheckpointFile
}

function told(verdict: Verdict, expected: string | undefined, file: string | undefined): string[] {
  const { entries, blocks, sealed, unsealed, findings, more } = verdict
  return [
    `entries      ${entries} in ${blocks} blocks${sealed === null ? '' : `, sealed up to entry ${sealed.entry} on ${sealed.at}`}`,
    ...(unsealed > 0 ? [`not sealed   ${unsealed}: somebody is still writing; repeat this later`] : []),
    `checkpoints  ${file === undefined ? `none at hand${expected === undefined ? '' : ` (there is no ${expected})`}, so nobody can tell whether the end was cut off` : `${verdict.checkpoints} of ${file} agree`}`,
    `public key   ${verdict.publicKey}`,
    '',
    ...findings.map(({ text }) => text),
    ...(more > 0 ? [`and ${more} findings more`] : []),
    ...(findings.length === 0 ? ['nothing was changed'] : []),
  ]
}
