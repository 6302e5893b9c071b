/** An answer that is an error (RFC 7644 §3.12). */
export class Refusal extends Error {
  readonly status: number
  readonly scimType: string | undefined
  constructor(status: number, scimType?: string) {
    super(`${status} ${scimType ?? ''}`)
    this.status = status
    this.scimType = scimType
  }
}

/** The error of a request that is wrong in this way (RFC 7644 Table 9). */
export const bad = (scimType: string): Refusal => new Refusal(400, scimType)
