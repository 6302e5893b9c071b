/** How an engine is opened. */
export interface EngineOptions {
  /** How long a statement of `Engine.bounded` may take. */
  readonly longestQueryMs?: number
}

/** What it may take where nothing is said. */
export const LONGEST_QUERY_MS = 10_000
