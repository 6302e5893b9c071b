import type { ResourceType } from '../../schemas/definition.ts'
import { invalidValue, quote, uniqueness } from '../scim/error.ts'
import { parseAttrPath } from '../scim/path/parse.ts'
import { definitionAt, pathName, type AttrPath } from '../scim/path/path.ts'
import { prepare } from '../scim/resource/prepare.ts'
import type { Resource } from '../scim/resource/resource.ts'
import { indexedPaths, indexedValues, lookUpKey } from '../scim/resource/search.ts'
import { valuesAt } from '../scim/resource/values.ts'
import { UniquenessError } from '../store/uniqueness-error.ts'
import { LONGEST_INDEXED_VALUE, type IndexedValue } from '../store/user-values.ts'

/** The values to look a user up by. @throws ScimError `invalidValue` for a unique one that the index cannot hold */
export function lookUpValues(resource: Resource, type: ResourceType): IndexedValue[] {
  const values = indexedValues(resource, type)
  const long = values.find(({ value, unique }) => unique && value.length > LONGEST_INDEXED_VALUE)
  if (long === undefined) return values
  throw invalidValue(
    `\`${pathName(pathOf(long.attribute, type))}\` has ${long.value.length} characters, and at most ${LONGEST_INDEXED_VALUE} can be held unique`,
  )
}

/** Turns the refusal of a value that is taken into a SCIM error that says what the client sent as it. */
export function taken(resource: Resource, type: ResourceType): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof UniquenessError)) throw error
    const path = pathOf(error.attribute, type)
    const definition = definitionAt(path)
    const values = valuesAt(resource, path) as readonly (string | number)[]
    const sent = values.find((value) => error.value === String(prepare(value, definition))) ?? values[0]
    if (sent === undefined) throw error
    throw uniqueness(
      `\`${pathName(path)}\` ${quote(String(sent))} is taken by another user of this directory`,
    )
  }
}

/** The path that a key of look-up stands for, or the name of a column. */
function pathOf(key: string, type: ResourceType): AttrPath {
  return indexedPaths(type).find((path) => lookUpKey(path) === key) ?? parseAttrPath(key, type)
}
