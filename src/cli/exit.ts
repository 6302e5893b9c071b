/** What a script can tell from the exit code. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** A person is not let in: `resolve`, `check --as`. */
  denied: 3,
  /** The command was done, and what it looks for is there: changes (`plan`, `rollback --plan`), findings (`lint`, `verify-audit`). */
  found: 4,
} as const
