import type { z } from 'zod'
import type { Context } from '../../context.ts'
import type { Authenticator, Principal, Scope } from '../../provision/authenticate.ts'
import { toErrors, wording } from '../../../schemas/config-error.ts'
import { Problem } from '../../provision/problem.ts'
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
  /** The header as it was sent. */
  readonly ifMatch: string | undefined
}

/** One method of one path: how it is checked, what it does, and what `/openapi.json` says of it. */
export interface Endpoint<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodType> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** With variable parts in braces: `/users/{id}/access`. */
  readonly path: string
  readonly scopes: readonly Scope[]
  readonly summary: string
  readonly query?: Query
  readonly body?: Body
  /** What `/openapi.json` says of the body, where the handler itself checks what is inside. */
  readonly bodySchema?: z.ZodType
  /** Whether `If-Match` is understood; where it is not, it is refused with what would change something. */
  readonly conditional?: true
  /** Whether the body is a configuration document, as JSON or YAML, that the handler reads itself. */
  readonly takesDocument?: boolean
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
 * @param status 400 for parameters, 422 for a body
 * @throws Problem with one entry per wrong place
 */
export function check<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  status: 400 | 422,
): z.output<Schema> {
  const parsed = schema.safeParse(value, { error: wording })
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.flatMap(toErrors)
  const [first] = errors
  const what = status === 400 ? 'the parameters are not as they should be' : 'the body is not as it should be'
  throw new Problem(
    status,
    errors.length === 1 && first?.path ? told(first.path, first.message) : what,
    errors,
  )
}

/** Some messages name the place themselves. */
const told = (path: string, message: string): string =>
  message.startsWith(`\`${path}\` `) ? message : `\`${path}\` ${message}`

/**
 * The parameters of a query.
 *
 * @throws Problem 400 when one stands there twice: which one counts would be a guess
 */
export function parametersOf(query: URLSearchParams): Record<string, string> {
  const twice = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1)
  if (twice.length > 0) {
    throw new Problem(
      400,
      `a parameter stands in the address more than once: ${twice.join(', ')}`,
      twice.map((path) => ({ path, message: 'should be there once' })),
    )
  }
  return Object.fromEntries(query)
}
