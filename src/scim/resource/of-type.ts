import type { AttributeDefinition } from '../../../schemas/definition.ts'
import { instant } from '../date-time.ts'
import { isComplex, type Value } from './resource.ts'

/**
 * Whether one stored value is of its attribute's type.
 *
 * It is not where the attribute has been defined anew since the value was stored. Such a value is kept, but nothing is
 * concluded from it: taken as text, `none` would be greater than 3.
 */
export function isOfType(value: Value, { type }: AttributeDefinition): boolean {
  switch (type) {
    case 'string':
    case 'reference':
    case 'binary':
      return typeof value === 'string'
    case 'dateTime':
      return typeof value === 'string' && instant(value) !== undefined
    case 'boolean':
      return typeof value === 'boolean'
    case 'integer':
    case 'decimal':
      return typeof value === 'number'
    case 'complex':
      return isComplex(value)
  }
}
