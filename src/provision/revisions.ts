import type { z } from 'zod'
import type { revisionQuery } from '../../schemas/messages/plans.ts'
import { parseConfig } from '../../schemas/config.ts'
import type { Context } from '../context.ts'
import { listDirectories } from '../store/directories.ts'
import {
  latestRevisionId,
  listRevisions as listRows,
  neighbourRevision,
  readRevision as readRow,
  type Revision,
} from '../store/revisions.ts'
import type { Cause } from './cause.ts'
import { changesBetween, directoryChanges, type ConfigChange } from './config-changes.ts'
import {
  applyConfiguration,
  writtenDirectory,
  type Applied,
  type ApplyOptions,
  type DirectoryState,
} from './configuration.ts'
import { readCursor, toPage } from './page.ts'
import { Problem } from './problem.ts'
import type { Db } from '../store/db.ts'

/** A configuration that is or was in force. */
export interface RevisionView {
  readonly id: number
  readonly createdAt: string
  readonly actor: string
  /** The earlier revision that it brought back. */
  readonly restores: number | null
}

/** One page of revisions, the newest first. */
export async function listRevisions(
  ctx: Context,
  { limit, cursor, search, from, until }: z.output<typeof revisionQuery>,
): Promise<{ revisions: RevisionView[]; nextCursor?: string }> {
  const found = await listRows(ctx.engine.read, {
    before: readCursor(cursor, ['number'])?.[0],
    search,
    from: from === undefined ? undefined : new Date(from).toISOString(),
    until: until === undefined ? undefined : new Date(until).toISOString(),
    limit: limit + 1,
  })
  const { rows, nextCursor } = toPage(found, limit, (row) => [row.id])
  return { revisions: [...rows], ...(nextCursor !== undefined && { nextCursor }) }
}

export interface RevisionDetail extends RevisionView {
  /** What brings it back: the configuration as it was written, with the directories as they were treated last under it. */
  readonly document: object
  /** What was different from the revision before. */
  readonly changes: readonly ConfigChange[]
}

/**
 * One revision with its document.
 *
 * @throws Problem 404
 */
export async function readRevision(ctx: Context, id: number): Promise<RevisionDetail> {
  return ctx.engine.snapshot(async (db) => {
    const revision = await findRevision(db, id)
    const document = await documentOf(db, revision)
    const before = await neighbourRevision(db, revision.id, 'before')
    const [row] = await listRows(db, { after: id - 1, before: id + 1, limit: 1 })
    return {
      id: revision.id,
      createdAt: revision.createdAt,
      actor: revision.actor,
      restores: row?.restores ?? null,
      document,
      changes: changesOf(before === undefined ? {} : await documentOf(db, before), document),
    }
  })
}

/** What a document that was in force changed of the one before. */
function changesOf(before: object, after: object): ConfigChange[] {
  const [was, is] = [parseConfig(before), parseConfig(after)]
  // Both were right when they were applied; what is read more strictly today is compared no more.
  if (!was.ok || !is.ok) return []
  const directories = was.config.directories.map(({ name, provider, ...settings }) => ({
    id: '',
    createdAt: '',
    name,
    provider,
    settings: JSON.stringify(settings),
  }))
  return [
    ...directoryChanges(is.config, directories).map(({ change, kind, name, fields }) => ({
      change,
      kind,
      name,
      fields,
    })),
    ...changesBetween(was.config, is.config),
  ]
}

/**
 * The document that brings a revision back.
 *
 * @param id undefined: the one before that in force
 * @throws Problem 404
 */
export async function documentToRestore(
  ctx: Context,
  id: number | undefined,
): Promise<{ readonly id: number; readonly document: object; readonly inForce: number }> {
  return ctx.engine.snapshot(async (db) => {
    const inForce = await latestRevisionId(db)
    const wanted = id ?? (await neighbourRevision(db, inForce, 'before'))?.id
    if (wanted === undefined) {
      throw new Problem(
        404,
        inForce === 0
          ? 'no configuration was applied yet, so there is nothing to go back to'
          : `revision ${inForce} is the first one, so there is nothing to go back to`,
      )
    }
    return { id: wanted, document: await documentOf(db, await findRevision(db, wanted)), inForce }
  })
}

type RollBackOptions = Omit<ApplyOptions, 'restores'>

/**
 * Makes an earlier configuration the one in force again, as a new revision, with its directories as they were treated
 * last under it. Directories that came later stay, with their people.
 *
 * @param id undefined: the revision before that in force
 * @throws Problem 404; 412 and 409 as `applyConfiguration`, and 409 when somebody else applies another one meanwhile
 */
export async function rollBack(
  ctx: Context,
  cause: Cause,
  id: number | undefined,
  options: RollBackOptions = {},
): Promise<Applied & { readonly restores: number }> {
  const { id: restores, document, inForce } = await documentToRestore(ctx, id)
  const applied = await applyConfiguration(ctx, cause, document, {
    plannedOn: { revision: inForce },
    ...options,
    restores,
  })
  return { ...applied, restores }
}

async function findRevision(db: Db, id: number): Promise<Revision> {
  const row = await readRow(db, id)
  if (row === undefined) throw new Problem(404, `there is no revision ${id}; see \`signalbox revisions\``)
  return row
}

/** The document of a revision, with the directories as they were when the next one took over. */
async function documentOf(db: Db, { id, document }: Revision): Promise<object> {
  const written = JSON.parse(document) as object
  const next = await neighbourRevision(db, id, 'after')
  const states =
    next === undefined
      ? await listDirectories(db)
      : next.directoriesBefore === null
        ? undefined
        : (JSON.parse(next.directoriesBefore) as DirectoryState[])
  return states === undefined ? written : { ...written, directories: states.map(writtenDirectory) }
}
