import type { z } from 'zod'
import type { embeddedQuestion } from '../../schemas/messages.ts'
import type { Context } from '../context.ts'
import { mapEmbedded } from '../mapping/embedded.ts'
import { decide } from '../resolve/decide.ts'
import type { Decision } from '../resolve/decision.ts'
import { feedPosition } from '../store/changes.ts'
import { inForce } from './in-force.ts'
import { Problem } from './problem.ts'

/** A decision about somebody whom no directory knows, by the state that it was made from. */
export interface EmbeddedAnswer extends Decision {
  readonly position: number
  readonly at: string
}

/**
 * Decides for an embedded context: the roles of its maps and its attribute values stand for what directories and rules
 * say of a person.
 *
 * @throws Problem 404 for an unknown connection or model, 422 with one entry per wrong place of the context
 */
export async function resolveEmbedded(
  ctx: Context,
  { connection, model: dataModel, environment, ...context }: z.output<typeof embeddedQuestion>,
): Promise<EmbeddedAnswer> {
  return ctx.engine.snapshot(async (db) => {
    const [{ model }, position] = await Promise.all([inForce(ctx, db), feedPosition(db)])
    if (!model.connections.has(connection)) throw new Problem(404, `there is no connection \`${connection}\``)
    if (dataModel !== undefined && model.models.get(dataModel)?.connection !== connection) {
      throw new Problem(404, `there is no model \`${dataModel}\` on the connection \`${connection}\``)
    }
    const made = mapEmbedded(model, context)
    if ('wrong' in made) {
      throw new Problem(422, 'the context is not as it should be; nothing is decided by it', made.wrong)
    }
    const decision = decide(model, made.mapped, { connection, model: dataModel, environment })
    return { ...decision, position, at: ctx.now() }
  })
}
