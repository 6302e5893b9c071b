import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs'
import { open } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import type { Checkpoint } from './audit-block.ts'

/** Checkpoints outside the database: a file to which a line is added for each, and nothing else is ever done. */
export interface CheckpointFile {
  /** The last one that was kept; undefined where there is none. */
  readonly last: Checkpoint | undefined
  keep(checkpoint: Checkpoint): void
}

/**
 * Opens a file of checkpoints, and creates it with its folder when there is none.
 *
 * @throws when it cannot be written to
 */
export function openCheckpointFile(file: string): CheckpointFile {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true, mode: 0o700 })
  appendFileSync(file, '', { mode: 0o600 })
  let last = lastLine(file)
  return {
    get last() {
      return last
    },
    keep(checkpoint) {
      if (checkpoint.head === last?.head) return
      appendFileSync(file, `${JSON.stringify(checkpoint)}\n`)
      last = checkpoint
    },
  }
}

/** A line of a file of checkpoints. */
export interface CheckpointLine {
  readonly line: number
  /** Undefined when it is none. */
  readonly checkpoint: Checkpoint | undefined
}

/** Reads a file of checkpoints line by line. @throws when it cannot be read */
export async function* readCheckpoints(file: string): AsyncGenerator<CheckpointLine> {
  const handle = await open(file)
  let line = 0
  for await (const text of handle.readLines()) {
    line += 1
    if (text.trim() !== '') yield { line, checkpoint: readCheckpoint(text) }
  }
}

function readCheckpoint(line: string): Checkpoint | undefined {
  try {
    return checkpointSchema.parse(JSON.parse(line))
  } catch {
    return undefined
  }
}

const checkpointSchema = z.object({
  block: z.int().min(1),
  lastSeq: z.int(),
  entries: z.int(),
  head: z.string(),
  at: z.string(),
  publicKey: z.string(),
  signature: z.string(),
})

/** Longer than any line. */
const TAIL = 4096

function lastLine(file: string): Checkpoint | undefined {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const bytes = Buffer.alloc(Math.min(TAIL, size))
    readSync(handle, bytes, 0, bytes.length, size - bytes.length)
    return readCheckpoint(bytes.toString().trimEnd().split('\n').at(-1) ?? '')
  } finally {
    closeSync(handle)
  }
}
