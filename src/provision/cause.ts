/** Who asked for a change, and by which request: it stands in the audit beside what changed. */
export interface Cause {
  /** `token:<prefix>`, `cli` or `system`. */
  readonly actor: string
  readonly requestId: string
}
