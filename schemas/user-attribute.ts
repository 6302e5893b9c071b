/** The URN of the schema that offers every user attribute to SCIM clients by its reference. */
export const USER_ATTRIBUTE_URN = 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'

/**
 * The text by which a value of a user attribute is compared: without space around it, numbers in canonical form.
 * Undefined for what is no value of that type, and for empty text.
 */
export function valueText(
  { type }: { readonly type: 'string' | 'number' },
  value: string | number,
): string | undefined {
  return type === 'number' ? decimalText(String(value)) : String(value).trim() || undefined
}

/**
 * The canonical text of a decimal number, which keeps all its digits: `007`, `7.0` and `0.7e1` are all `7`.
 * Undefined for what is no number.
 */
export function decimalText(text: string): string | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text.trim())
  if (!match) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const point = whole.length + Number(exponent)
  const digits = point < 0 ? '0'.repeat(-point) + whole + fraction : whole + fraction
  const integer =
    digits
      .slice(0, Math.max(point, 0))
      .padEnd(point, '0')
      .replace(/^0+(?=\d)/, '') || '0'
  const decimals = digits.slice(Math.max(point, 0)).replace(/0+$/, '')
  const canonical = decimals ? `${integer}.${decimals}` : integer
  return sign === '-' && canonical !== '0' ? `-${canonical}` : canonical
}
