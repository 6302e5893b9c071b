import type { Context } from '../../context.ts'
import { fold } from '../../scim/fold.ts'
import { readCursor, toPage } from '../page.ts'
import { Problem } from '../problem.ts'
import type { Edited } from './add.ts'
import { entriesAt, type Document } from './document.ts'
import { findEntry, type Where } from './entries.ts'
import { readPresent, viewEntry, type ListOptions } from './read.ts'
import { removeEntry, type Second } from './remove.ts'

/** A model that is built on an environment of a connection: its environments share the models of the connection itself. */
export interface ExtraModel {
  readonly name: string
  /** The environment that it is built on. */
  readonly connection: string
}

const MODELS: Where = { section: 'models' }

/** One page of the models on the environments of a connection. @throws Problem 404 */
export async function listExtraModels(
  ctx: Context,
  connection: string,
  { search = '', limit, cursor }: ListOptions,
): Promise<{
  revision: number
  extraModels: (ExtraModel & { uses: readonly string[] })[]
  nextCursor?: string
}> {
  const { revision, ...read } = await readPresent(ctx)
  const found = extraModels(read.document, connection)
    .filter((model) => Object.values(model).some((text) => fold(text).includes(fold(search))))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const after = readCursor(cursor, ['string'])?.[0]
  const { rows, nextCursor } = toPage(
    after === undefined ? found : found.filter(({ name }) => name > after),
    limit,
    ({ name }) => [name],
  )
  return {
    revision,
    extraModels: rows.map((model) => ({ ...model, uses: viewEntry(read, MODELS, model.name).uses })),
    ...(nextCursor !== undefined && { nextCursor }),
  }
}

/** The models on the environments of a connection. @throws Problem 404 */
export function extraModels(document: Document, connection: string): ExtraModel[] {
  const { id, entry } = findEntry(document, { section: 'connections' }, connection)
  const environments = new Set(
    ((entry['environments'] ?? []) as readonly { connection: string }[]).map((one) => one.connection),
  )
  return entriesAt(document, ['models'])
    .map((model) => ({ name: String(model['name']), connection: String(model['connection']) }))
    .filter((model) => environments.has(model.connection) && model.connection !== id)
}

export interface ExtraRemoval extends Pick<Second, 'uses'> {
  /** One of them; undefined: all. */
  readonly model?: string | undefined
  /** The name of the connection once more, so that nobody removes models by a slip. */
  readonly confirm?: string | undefined
}

/**
 * Removes models on the environments of a connection.
 *
 * @throws Problem 404; 409 without the confirmation, for a model that is none of them, and with all uses where nothing is
 *   said of them
 */
export function removeExtraModels(document: Document, connection: string, removal: ExtraRemoval): Edited {
  const { id } = findEntry(document, { section: 'connections' }, connection)
  const { model, confirm, uses } = removal
  const extra = extraModels(document, id)
  const wanted = extra.filter(({ name }) => model === undefined || name === model)
  if (model !== undefined && wanted.length === 0) {
    throw new Problem(409, `\`${model}\` is no model on an environment of \`${id}\`; nothing was changed`)
  }
  if (confirm !== id && wanted.length > 0) {
    throw new Problem(
      409,
      `this removes ${wanted.length === 1 ? '1 model' : `${wanted.length} models`} on the environments of \`${id}\`; nothing was changed: confirm it with \`confirm=${id}\``,
      wanted.map((one) => ({
        path: `models[${JSON.stringify(one.name)}]`,
        message: `is built on \`${one.connection}\``,
      })),
    )
  }
  return {
    document: wanted.reduce((rest, { name }) => removeEntry(rest, MODELS, name, { uses }).document, document),
  }
}
