import { z } from 'zod'
import type { Context } from '../../context.ts'
import type { Authenticator, Principal, Scope } from '../../provision/authenticate.ts'
import { Problem, type Fault } from '../../provision/problem.ts'
import type { Reply } from '../reply.ts'

/** One request to `/api/v1`, checked against the schemas of its endpoint. */
export interface ApiCall<Query = unknown, Body = unknown> {
  readonly ctx: Context
  readonly authenticator: Authenticator
  readonly principal: Principal
  readonly requestId: string
  /** The variable parts of the path. */
  readonly path: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  readonly accept: string | undefined
}

/** One method of one path: how it is checked, what it does, and what `/openapi.json` says of it. */
export interface Endpoint<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodType> {
  readonly method: 'get' | 'post' | 'patch' | 'delete'
  /** With variable parts in braces: `/users/{id}/access`. */
  readonly path: string
  readonly scopes: readonly Scope[]
  readonly summary: string
  readonly query?: Query
  readonly body?: Body
  /** The successful answer; failures are problem details. */
  readonly answer: { readonly status: number; readonly description: string; readonly schema?: z.ZodType }
  handle(call: ApiCall<z.output<Query>, z.output<Body>>): Promise<Reply>
}

/** Keeps the types of query and body together with the handler, then forgets them for the table of endpoints. */
export function endpoint<Query extends z.ZodObject, Body extends z.ZodType>(
  definition: Endpoint<Query, Body>,
): Endpoint {
  return definition as unknown as Endpoint
}

/**
 * Reads a value by its schema.
 *
 * @throws Problem with one entry per wrong place
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  status: 400 | 422,
  detail: string,
): z.output<Schema> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Problem(status, detail, parsed.error.issues.map(faultOf))
}

function faultOf(issue: z.core.$ZodIssue): Fault {
  return { path: z.core.toDotPath(issue.path), message: issue.message }
}
