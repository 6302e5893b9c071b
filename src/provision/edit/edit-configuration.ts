import type { Context } from '../../context.ts'
import type { Db } from '../../store/db.ts'
import { listDirectories } from '../../store/directories.ts'
import type { Cause } from '../cause.ts'
import {
  checked,
  documentInForce,
  previewConfiguration,
  refuseUnless,
  reviseConfiguration,
  warningsOf,
  type Applied,
  type ApplyOptions,
} from '../configuration.ts'
import { compile, inForce } from '../in-force.ts'
import { judged } from '../judged.ts'
import type { Finding } from '../lints.ts'
import { Problem } from '../problem.ts'
import type { Edited } from './add.ts'
import type { Document } from './document.ts'
import { findEntry } from './entries.ts'
import { inPlace, namedPlace, told } from './places.ts'

/** A change of the configuration as a function of it. */
export type Edit = (document: Document) => Edited

/** Several changes, one after another, as one. */
export const inTurn =
  (edits: readonly Edit[]): Edit =>
  (document) =>
    edits.reduce<Edited>((edited, edit) => edit(edited.document), { document })

export type EditOptions = Pick<ApplyOptions, 'basedOn' | 'progress'>

/** What an edit made different, and the document that it led to. */
export interface AppliedEdit extends Applied {
  readonly edited: Edited
}

/**
 * Makes one change of the configuration in force, as one revision, whatever else is changed meanwhile.
 *
 * @throws Problem what the edit throws; 422 with one entry per wrong place, in terms of what was sent; 412 when another
 *   revision is in force than those it may start from
 */
export async function editConfiguration(
  ctx: Context,
  cause: Cause,
  edit: Edit,
  { basedOn, progress }: EditOptions = {},
): Promise<AppliedEdit> {
  let edited: Edited | undefined
  const before = await ctx.engine.snapshot((db) => warningsInForce(ctx, db))
  try {
    const applied = await reviseConfiguration(
      ctx,
      cause,
      (document) => {
        edited = edit(document as Document)
        return edited.document
      },
      { basedOn, progress },
    )
    if (edited === undefined) throw new Error('a configuration was applied that nobody edited')
    return { ...applied, warnings: warningsAbout(edited, applied.warnings, before), edited }
  } catch (error) {
    throw edited === undefined ? error : inItsTerms(error, edited)
  }
}

/**
 * What an edit would make different, without making it so. Whom it affects tells a plan of the document.
 *
 * @throws Problem as `editConfiguration`
 */
export async function previewEdit(
  ctx: Context,
  edit: Edit,
  { basedOn }: EditOptions = {},
): Promise<AppliedEdit> {
  return ctx.engine.snapshot(async (db) => {
    const { revision } = await inForce(ctx, db)
    refuseUnless(revision, basedOn)
    const edited = edit((await documentInForce(ctx, db)) as Document)
    try {
      const written = checked(edited.document)
      const { changes } = await previewConfiguration(ctx, db, written)
      const linted = await judged(
        ctx,
        db,
        compile(written.config, written.document),
        await listDirectories(db),
      )
      const warnings = warningsAbout(edited, warningsOf(linted), await warningsInForce(ctx, db))
      return { revision, changes, warnings, edited }
    } catch (error) {
      throw inItsTerms(error, edited)
    }
  })
}

/** What may not be meant in the configuration in force, by the names of entries. */
async function warningsInForce(ctx: Context, db: Db): Promise<Finding[]> {
  const { config, model } = await inForce(ctx, db)
  const linted = await judged(ctx, db, { config, model }, await listDirectories(db))
  const document = (await documentInForce(ctx, db)) as Document
  return warningsOf(linted).map((one) => told(document, one))
}

/** Of all warnings those that an edit brought about, and those about the entry that it left. */
function warningsAbout(
  { document, at }: Edited,
  warnings: readonly Finding[],
  before: readonly Finding[],
): Finding[] {
  const known = new Set(before.map(withoutNumbers))
  const place = at && findEntry(document, at, at.id).place
  const own = place && namedPlace(document, place)
  return warnings
    .map((one) => told(document, one))
    .filter(
      (one) => !known.has(withoutNumbers(one)) || (own !== undefined && inPlace(one.path, own) !== undefined),
    )
}

/** A warning whatever stands before what it is about. */
const withoutNumbers = ({ code, path, message }: Finding): string =>
  JSON.stringify([code, path.replaceAll(/\[\d+\]/g, '[]'), message])

/** Mistakes of the document in terms of what was sent. */
export function inItsTerms(error: unknown, { document, sent, saidAs }: Edited): unknown {
  if (!(error instanceof Problem) || error.status !== 422 || error.errors === undefined) return error
  const errors = error.errors.map((fault) => told(document, fault, sent, saidAs))
  const [first] = errors
  return new Problem(
    422,
    errors.length === 1 && first !== undefined
      ? `${first.path === '' ? 'it' : `\`${first.path}\`:`} ${first.message}; nothing was changed`
      : `${errors.length} places are not as they should be; nothing was changed`,
    errors,
  )
}
