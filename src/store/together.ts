/**
 * Waits for statements that travel together, and fails as the first of them does: after a failure PostgreSQL refuses
 * those that follow, and these refusals say nothing.
 */
export async function together<const Statements extends readonly Promise<unknown>[]>(
  ...statements: Statements
): Promise<{ -readonly [I in keyof Statements]: Awaited<Statements[I]> }> {
  await Promise.allSettled(statements)
  return Promise.all(statements)
}
