import { readFileSync } from 'node:fs'
import { createRegistry, schema, type AttributeSpec } from '../../schemas/registry.ts'
import { ScimError } from '../../src/scim/error.ts'
import type { Filter } from '../../src/scim/filter/filter.ts'
import { pathName, type AttrPath } from '../../src/scim/path/path.ts'

export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'
export const EXAMPLE = 'urn:example:params:2.0:User'

/** The built-in schemas, and extensions with an attribute of every characteristic that matters. */
export const registry = createRegistry([
  schema({
    id: EXAMPLE,
    name: 'Example',
    description: 'An extension of every kind.',
    attributes: [
      { name: 'age', type: 'decimal' },
      { name: 'floor', type: 'integer' },
      { name: 'since', type: 'dateTime' },
      { name: 'badge', mutability: 'immutable', caseExact: true },
      { name: 'origin', mutability: 'readOnly' },
      { name: 'secret', mutability: 'writeOnly', returned: 'never' },
      { name: 'tags', multiValued: true },
      { name: 'onRequest', returned: 'request' },
      { name: 'vault', type: 'complex', returned: 'never', subAttributes: [{ name: 'value' }] },
      {
        name: 'doors',
        type: 'complex',
        multiValued: true,
        subAttributes: [{ name: 'value' }, { name: 'code', returned: 'never' }, { name: 'type' }],
      },
    ],
  }),
  schema({
    id: `${EXAMPLE}:Deep`,
    name: 'Deep',
    description: 'A URN that begins with another one.',
    attributes: [{ name: 'age', type: 'decimal' }],
  }),
])
export const userType = registry.resourceType('User')
export const groupType = registry.resourceType('Group')

/** The user with nothing but the built-in schemas and this extension. */
export const typeWith = (urn: string, attributes: readonly AttributeSpec[]) =>
  createRegistry([schema({ id: urn, name: urn, description: '', attributes })]).resourceType('User')

/** The cases of a syntax file, each as its columns. */
export function syntaxCases(file: string): readonly string[][] {
  return readFileSync(new URL(`../../fixtures/syntax/${file}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
}

/** The text of a filter, with a bracket around everything that needs none. */
export function print(filter: Filter, nameOf: (path: AttrPath) => string = pathName): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.filters.map((each) => print(each, nameOf)).join(` ${filter.kind} `)})`
    case 'not':
      return `not (${print(filter.filter, nameOf)})`
    case 'present':
      return `${nameOf(filter.path)} pr`
    case 'compare':
      return `${nameOf(filter.path)} ${filter.op} ${JSON.stringify(filter.value)}`
    case 'element':
      return `${nameOf(filter.path)}[${print(filter.filter, ({ sub }) => sub?.name ?? '')}]`
  }
}

/** The scimType that the work fails with; undefined if it does not fail. Anything but a ScimError passes through. */
export function failure(work: () => unknown): string | undefined {
  return errorOf(work)?.scimType
}

/** The scimType and the words that the work fails with: what an administrator reads. */
export function refusal(work: () => unknown): string | undefined {
  const error = errorOf(work)
  return error && `${error.scimType}: ${error.message}`
}

function errorOf(work: () => unknown): ScimError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof ScimError) return error
    throw error
  }
}
