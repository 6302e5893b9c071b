/** Whether what was sent as a list of URNs has that one in it, in any letter case (RFC 7643 §2.1, RFC 8141 §3.1). */
export function listsUrn(sent: unknown, urn: string): boolean {
  const wanted = urn.toLowerCase()
  return Array.isArray(sent) && sent.some((each) => typeof each === 'string' && each.toLowerCase() === wanted)
}
