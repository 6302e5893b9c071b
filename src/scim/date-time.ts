const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))?$/

/**
 * The instant of an `xsd:dateTime` in milliseconds, or undefined if the text is none (RFC 7643 §2.3.5).
 *
 * Date and time are both needed; a text without an offset is taken as UTC; digits after the millisecond do not count.
 */
export function instant(text: string): number | undefined {
  const match = DATE_TIME.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six
  const offset = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0)
  if (hour > 23 || minute > 59 || second > 59 || offset > 14 * 60 || Number(match[10] ?? 0) > 59)
    return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  // A day that the month has not would roll over into the next one.
  if (date.getUTCMonth() !== month - 1) return undefined
  const fraction = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  date.setUTCHours(hour, minute, second, fraction)
  return date.getTime() - (match[8] === '-' ? -offset : offset) * 60_000
}

type Six = [number, number, number, number, number, number]
