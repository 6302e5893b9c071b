import { z } from 'zod'

/**
 * A part of the configuration in an answer of `/openapi.json`: as it was written, so what has a default may be left out.
 */
export function asWritten(schema: z.ZodType): z.ZodObject {
  const { $schema: _, ...form } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return z.looseObject({}).meta({ override: form as object })
}
