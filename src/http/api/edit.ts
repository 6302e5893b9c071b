import type { z } from 'zod'
import type { editQuery } from '../../../schemas/messages/edits.ts'
import {
  editConfiguration,
  previewEdit,
  type AppliedEdit,
  type Edit,
} from '../../provision/edit/edit-configuration.ts'
import { sectionOf } from '../../provision/edit/sections.ts'
import { viewEdit } from '../../provision/edit/view-edit.ts'
import { etag, revisionsIn } from '../if-match.ts'
import { json, type Reply } from '../reply.ts'
import type { ApiCall } from './endpoint.ts'
import { planInTime } from './plan-in-time.ts'

/** How long the answer to an edit waits for its plan; one that takes longer is asked for at `/plans/{id}`. */
const WAIT_SECONDS = 10

/** Makes an edit of the configuration, or tells what it would make different, and answers with what came of it. */
export async function makeEdit(
  { ctx, authenticator, principal, requestId, query, ifMatch }: ApiCall<z.output<typeof editQuery>>,
  edit: Edit,
  status: 200 | 201,
): Promise<Reply> {
  const cause = { actor: principal.actor, requestId }
  const options = { basedOn: revisionsIn(ifMatch) }
  if (query.dryRun !== undefined) {
    const preview = await previewEdit(ctx, edit, options)
    const { revision, edited } = preview
    const plan =
      query.dryRun === 'plan'
        ? await planInTime(ctx, cause, edited.document, WAIT_SECONDS, { basedOn: revision })
        : undefined
    return json(
      200,
      { ...viewEdit(preview), dryRun: true, ...(plan !== undefined && { plan }) },
      etag(revision),
    )
  }
  const applied = await editConfiguration(ctx, cause, edit, options)
  // What is remembered of a token holds the settings of its directory.
  if (applied.changes.some(({ kind }) => kind === 'directory')) authenticator.forget()
  const location = status === 201 ? locationOf(ctx.publicUrl, applied) : {}
  return json(status, viewEdit(applied), { ...etag(applied.revision), ...location })
}

function locationOf(publicUrl: string, { edited: { at } }: AppliedEdit): { location?: string } {
  if (at === undefined) return {}
  const { within } = sectionOf(at.section)
  const outer = within === undefined ? '' : `/${within}/${encodeURIComponent(at.within ?? '')}`
  return { location: `${publicUrl}/api/v1${outer}/${at.section}/${encodeURIComponent(at.id)}` }
}
