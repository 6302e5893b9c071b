const names = new Map<string, string>()

/**
 * Has servers keep a statement prepared. For the fixed statements of the program: a server keeps each for as long as a
 * connection lives, so a text that depends on a request must not come here.
 */
export function keepPrepared(sql: string): void {
  if (!names.has(sql)) names.set(sql, `s${names.size}`)
}

/** The name under which a statement is kept prepared, if it is. */
export function preparedName(sql: string): string | undefined {
  return names.get(sql)
}
