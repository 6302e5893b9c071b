import type { AttributeDefinition } from '../../../schemas/definition.ts'
import { findAttribute } from '../attribute.ts'
import { invalidSyntax, quote } from '../error.ts'

/**
 * Refuses what says different things of one attribute under several of its names: whoever checks the first and keeps the
 * last can be tricked.
 *
 * @throws ScimError `invalidSyntax`
 */
export function refuseContradictions(
  entries: Iterable<readonly [name: string, value: unknown]>,
  attributes: readonly AttributeDefinition[],
): void {
  const said = new Map<AttributeDefinition, readonly [name: string, value: unknown]>()
  for (const entry of entries) {
    const [name, value] = entry
    const attribute = findAttribute(attributes, name)
    if (attribute === undefined) continue
    const [other, before] = said.get(attribute) ?? entry
    if (JSON.stringify(before) !== JSON.stringify(value)) {
      throw invalidSyntax(`${quote(other)} and ${quote(name)} are the same attribute, with different values`)
    }
    said.set(attribute, entry)
  }
}
