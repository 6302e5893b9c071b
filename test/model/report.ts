import type { Counts } from './scene.ts'

export const startCounts = (): Counts => ({ plays: 0, operations: 0, filters: 0, answers: 0, decisions: 0 })

/** What was compared on an engine, in a line. */
export const report = (engine: string, { plays, operations, filters, answers, decisions }: Counts): string =>
  `${engine}: the model agrees in ${plays} plays: ${operations} operations, ${filters} filters, ${answers} answers, ${decisions} decisions compared`
