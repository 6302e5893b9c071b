/** The version of everything that is edited: one revision has it all. */
export const etag = (revision: number): { etag: string } => ({ etag: `"${revision}"` })

/** The revisions that a header `If-Match` allows (RFC 9110 §13.1.1); undefined: any. */
export function revisionsIn(ifMatch: string | undefined): number[] | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined
  return ifMatch.split(',').flatMap((tag) => {
    const [, revision] = /^\s*(?:W\/)?"(\d{1,15})"\s*$/.exec(tag) ?? []
    return revision === undefined ? [] : [Number(revision)]
  })
}
