import { Problem } from '../problem.ts'
import type { Edited } from './add.ts'
import { entriesAt, type Document } from './document.ts'
import { findEntry, type Where } from './entries.ts'
import { removeEntry, type Second } from './remove.ts'

/** A model that is built on an environment of a connection: its environments share the models of the connection itself. */
export interface ExtraModel {
  readonly name: string
  /** The environment that it is built on. */
  readonly connection: string
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

/**
 * Removes models on the environments of a connection.
 *
 * @param names undefined: all
 * @throws Problem 404; 409 for a model that is none of them, and with all uses where nothing is said of them
 */
export function removeExtraModels(
  document: Document,
  connection: string,
  names: readonly string[] | undefined,
  second: Second = {},
): Edited {
  const extra = new Set(extraModels(document, connection).map(({ name }) => name))
  const stranger = names?.find((name) => !extra.has(name))
  if (stranger !== undefined) {
    throw new Problem(
      409,
      `\`${stranger}\` is no model on an environment of \`${connection}\`; nothing was changed`,
    )
  }
  const where: Where = { section: 'models' }
  return {
    document: (names ?? [...extra]).reduce(
      (rest, name) => removeEntry(rest, where, name, second).document,
      document,
    ),
  }
}
