/** What a script can tell from the exit code. */
export const EXIT = { done: 0, failed: 1, usage: 2, denied: 3, found: 4 } as const
