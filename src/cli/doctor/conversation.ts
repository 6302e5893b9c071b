/** A value of JSON. Its texts may hold names in braces: see `Script`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** Headers of a request; one that is null is not sent. */
export type Headers = Readonly<Record<string, string | null>>

/**
 * What one client does with a server from the first connection to the last deletion, as data.
 *
 * `{ada}` in a path, a header or a body stands for the id that the server gave to what a step `creates: 'ada'`,
 * `{run}` for a text that is another one each time, `{scene}` for the number of the scene, `{base}` for the SCIM base
 * URL.
 */
export interface Conversation {
  /** By which `--client` asks for it. */
  readonly name: string
  readonly title: string
  /** Where the client is described. */
  readonly source: string
  /** Sent with every request. */
  readonly headers: Headers
  /** Sent with every request that has a body. */
  readonly writes?: Headers
  /** A parameter that every address carries. */
  readonly query?: string
  /** Milliseconds after which the client hangs up. */
  readonly patience?: number
  readonly scenes: readonly Scene[]
}

/** A part of a conversation that belongs together. */
export interface Scene {
  readonly name: string
  readonly steps: readonly Step[]
}

/** One request of the client, what it needs of the answer, and what has to be true afterwards. */
export interface Step extends Wanted {
  /** What the client does, as the rest of a sentence that begins with its name. */
  readonly does: string
  /** `METHOD /path` below the SCIM base URL, encoded as the client encodes it. */
  readonly send: string
  readonly headers?: Headers
  readonly body?: Json
  /** The body is a merge patch (RFC 7396) over what was last read under this name: the client reads before it writes. */
  readonly over?: string
  /** So many of the same request at once. */
  readonly times?: number
  /** Page after page, `{startIndex}` in the path, until `totalResults` is reached. */
  readonly pages?: { readonly size?: number; readonly holds?: readonly string[] }
  /**
   * To each endpoint, `{endpoint}` in the path, that the resource types kept under this name announce for one of these
   * schemas; to none where there is none.
   */
  readonly announced?: { readonly by: string; readonly schemas: readonly string[] }
  /** What the client asks of a resource that may be anybody's. */
  readonly hopes?: Hope
  /** The state afterwards, read by the doctor in plain requests of its own. */
  readonly after?: readonly Look[]
}

/**
 * What a client asks of whatever resource comes first. Where that is the conversation's own, the server has to give it;
 * where it was there before, what it lacks is a hint for people and no failure of the server.
 */
export interface Hope {
  /** The place of the resource, with `/`. */
  readonly of: string
  /** Places in it where something has to stand. */
  readonly filled: readonly string[]
  /** What people can do. */
  readonly advice: string
}

/** A GET of the doctor. */
export interface Look extends Wanted {
  /** Path below the SCIM base URL. */
  readonly at: string
}

/** What an answer has to be. Parts that speak of a body hold for answers that have one and are no error. */
export interface Wanted {
  /** The accepted answers; otherwise what RFC 7644 says for the method. */
  readonly status?: readonly number[]
  /** The name under which id and body go from here on. */
  readonly creates?: string
  /** The name under which the body goes from here on. */
  readonly keeps?: string
  /** Objects in part, lists whole, in any order. */
  readonly has?: Json
  /** Objects and lists in part. */
  readonly contains?: Json
  /** Places with `/` where nothing may stand. */
  readonly lacks?: readonly string[]
  /** Places with `/` where something has to stand that is not empty. */
  readonly filled?: readonly string[]
  /** The list holds exactly these, by name. */
  readonly lists?: readonly string[]
  /** The group has exactly these members, by name. */
  readonly members?: readonly string[]
  /** `/Schemas` describes these attributes, in the notation of Entra's attribute mapping. */
  readonly describes?: readonly string[]
  /** The media type. */
  readonly type?: string
  /** Milliseconds; with `times`, for all of them together. */
  readonly within?: number
}

type Rest = Omit<Step, 'does' | 'send' | 'body'>

export const scene = (name: string, ...steps: Step[]): Scene => ({ name, steps })

export const get = (does: string, path: string, rest: Rest = {}): Step => ({
  does,
  send: `GET ${path}`,
  ...rest,
})

export const post = (does: string, path: string, body: Json, rest: Rest = {}): Step => ({
  does,
  send: `POST ${path}`,
  body,
  ...rest,
})

export const put = (does: string, path: string, body: Json, rest: Rest = {}): Step => ({
  does,
  send: `PUT ${path}`,
  body,
  ...rest,
})

/** A PATCH with these operations in the envelope of RFC 7644 §3.5.2. */
export const patch = (does: string, path: string, operations: readonly Json[], rest: Rest = {}): Step => ({
  does,
  send: `PATCH ${path}`,
  body: { schemas: [urn.patch], Operations: operations },
  ...rest,
})

export const del = (does: string, path: string, rest: Rest = {}): Step => ({
  does,
  send: `DELETE ${path}`,
  ...rest,
})

export const look = (at: string, wanted: Wanted): Look => ({ at, ...wanted })

export const urn = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  oktaRole: 'urn:okta:scim:schemas:core:1.0:Role',
  oktaEntitlement: 'urn:okta:scim:schemas:core:1.0:Entitlement',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
} as const

/** A query value with `%20` for a space; names in braces stay as they are. */
export const percent = (text: string): string => encodeURIComponent(text).replaceAll(/%7B(\w+)%7D/g, '{$1}')

/** A query value with `+` for a space. */
export const plus = (text: string): string => percent(text).replaceAll('%20', '+')
