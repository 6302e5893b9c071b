import { createSignatureCheck } from '../audit-keys.ts'
import { sealsOf, type Seal } from '../store/audit-seals.ts'
import type { Db } from '../store/db.ts'
import { sealedText, type Checkpoint } from './audit-block.ts'
import type { Findings } from './audit-findings.ts'
import type { CheckpointLine } from './checkpoint-file.ts'

/** Checkpoints that are compared at a time. */
const AT_ONCE = 200

/**
 * Compares what was kept outside the database with the seals that are there, and tells how many checkpoints agree.
 *
 * @param present the last seal and the number of the last entry that are there
 */
export async function compareCheckpoints(
  db: Db,
  findings: Findings,
  { publicKey, checkpoints }: { readonly publicKey: string; readonly checkpoints?: Lines | undefined },
  present: { readonly last: Seal | undefined; readonly lastSeq: number },
): Promise<number> {
  if (checkpoints === undefined) return 0
  const isSigned = createSignatureCheck(publicKey)
  const lastBlock = present.last?.block ?? 0
  let agreeing = 0
  let agreed: Checkpoint | undefined
  let beyond: Checkpoint | undefined
  /** Since the last one that agreed. */
  let contradicted = false
  for await (const lines of inGroups(checkpoints)) {
    const blocks = new Set(lines.flatMap(({ checkpoint }) => checkpoint?.block ?? []))
    const heads = new Map((await sealsOf(db, [...blocks])).map(({ block, head }) => [block, head]))
    for (const { line, checkpoint } of lines) {
      if (checkpoint !== undefined && heads.get(checkpoint.block) === checkpoint.head) {
        agreeing += 1
        agreed = checkpoint
        contradicted = false
      } else if (checkpoint === undefined || !isSigned(sealedText(checkpoint), checkpoint.signature)) {
        findings.addGeneral(
          'checkpoint',
          `line ${line} of the checkpoints is not signed with the key of this installation`,
        )
      } else if (checkpoint.block > lastBlock) {
        if (checkpoint.block > (beyond?.block ?? 0)) beyond = checkpoint
      } else if (heads.has(checkpoint.block) && !contradicted) {
        const { lastSeq, at } = checkpoint
        const what = `the checkpoint of ${at} tells of another one`
        findings.add('rewritten', (agreed?.lastSeq ?? 0) + 1, lastSeq, what)
        contradicted = true
      }
    }
  }
  if (beyond !== undefined) cutOff(findings, beyond, present)
  return agreeing
}

type Lines = AsyncIterable<CheckpointLine>

function cutOff(
  findings: Findings,
  { lastSeq, at, entries }: Checkpoint,
  present: { readonly last: Seal | undefined; readonly lastSeq: number },
): void {
  if (present.lastSeq >= lastSeq) findings.add('seal', (present.last?.lastSeq ?? 0) + 1, lastSeq, 'is gone')
  else findings.add('cut', present.lastSeq + 1, lastSeq, `the checkpoint of ${at} counts ${entries} entries`)
}

async function* inGroups(lines: Lines): AsyncGenerator<readonly CheckpointLine[]> {
  let group: CheckpointLine[] = []
  for await (const line of lines) {
    group.push(line)
    if (group.length < AT_ONCE) continue
    yield group
    group = []
  }
  yield group
}
