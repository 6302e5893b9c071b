import type { z } from 'zod'
import { Problem } from '../provision/problem.ts'

/** Reads options by the schema that reads them from a request. @throws Problem with one entry per wrong place */
export function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Problem(
    422,
    'an option is not as it should be',
    parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })),
  )
}
