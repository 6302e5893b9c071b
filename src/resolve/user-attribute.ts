import type { AttributeValues, Config } from '../../schemas/config.ts'
import type { ResourceType } from '../../schemas/definition.ts'
import { decimalText, USER_ATTRIBUTE_URN, valueText } from '../../schemas/user-attribute.ts'
import type { Target } from '../scim/patch/patch.ts'
import { parseTarget } from '../scim/patch/target.ts'
import { pathName } from '../scim/path/path.ts'
import type { AttributeOutput } from './decision.ts'

export interface UserAttribute {
  readonly reference: string
  readonly type: 'string' | 'number'
  readonly multiple: boolean
  /** As they are compared; empty without a default. */
  readonly defaults: readonly string[]
  /** Where a directory's values are read, strongest first: `from`, the user attribute schema, its aliases. */
  readonly sources: readonly { readonly target: Target; readonly name: string }[]
  /** What the identity provider sends → what it means, as it is compared. */
  readonly valueMap: ReadonlyMap<string, string>
}

/** Throws {@link ScimError} where `from` is no path of a user: `checkFilters` finds that beforehand. */
export function compileUserAttribute(
  attribute: Config['userAttributes'][number],
  aliases: readonly string[],
  userType: ResourceType,
): UserAttribute {
  const { reference, type, multiple, from, valueMap } = attribute
  const texts = [
    ...(from ? [from] : []),
    ...[USER_ATTRIBUTE_URN, ...aliases].map((urn) => `${urn}:${reference}`),
  ]
  return {
    reference,
    type,
    multiple,
    defaults: attribute.default === undefined ? [] : valueTexts(attribute, attribute.default),
    sources: texts.map((text) => sourceAt(text, userType)),
    valueMap: new Map(
      Object.entries(valueMap).map(([sent, meant]) => [sent.trim(), valueText(attribute, meant) ?? '']),
    ),
  }
}

function sourceAt(text: string, userType: ResourceType): UserAttribute['sources'][number] {
  const target = parseTarget(text, userType)
  return { target, name: target.filter === undefined ? pathName(target.path) : text.trim() }
}

/** Configured values as they are compared, without doubles. */
export function valueTexts(
  attribute: { readonly type: 'string' | 'number' },
  values: AttributeValues,
): string[] {
  const list = Array.isArray(values) ? values : [values]
  return [...new Set(list.map((value) => valueText(attribute, value)).filter((text) => text !== undefined))]
}

/** Values as they are sent. An attribute that takes one value is a list only when it was given several. */
export function attributeOutput(attribute: UserAttribute, values: readonly string[]): AttributeOutput {
  const [first] = values
  if (first === undefined) return null
  const output = attribute.type === 'number' ? values.map(numberOutput) : values
  return attribute.multiple || values.length > 1 ? output : (output[0] ?? null)
}

/** A number, or its text where a JSON number would lose digits. */
function numberOutput(text: string): string | number {
  const number = Number(text)
  return decimalText(String(number)) === text ? number : text
}
