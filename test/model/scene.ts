import type { Access } from './model/access.ts'
import type { Doc, Json } from './model/attributes.ts'
import type { World } from './model/world.ts'

/** A directory of a server, empty at first. */
export interface Directory {
  /** Where SCIM is spoken. */
  readonly base: string
  readonly strict: boolean
  call(method: string, path: string, body?: Json, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** As which role and where the queries of users run. */
  resolve(userIds: readonly string[]): Promise<readonly Access[]>
  /** Who is waited for: the ids of groups, each with the name of a member. */
  pending(): Promise<readonly (readonly [string, string])[]>
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly json: unknown
}

/** How much was compared. */
export interface Counts {
  plays: number
  operations: number
  filters: number
  answers: number
  decisions: number
}

/** One directory while it is played with, and the model of it. */
export interface Scene {
  readonly directory: Directory
  readonly world: World
  readonly counts: Counts
  /** The ids of those who were deleted. */
  readonly gone: string[]
  /** By id and entity tag what was then, to be compared with what is when the tag comes again. */
  readonly tags: Map<string, Map<string, State>>
}

/** What an entity tag stands for. */
export interface State {
  readonly rev: number
  readonly groups: Json
}

/** A page of a list. */
export interface ListAnswer {
  readonly totalResults: number
  readonly itemsPerPage: number
  readonly nextCursor?: string
  readonly Resources: readonly Doc[]
}
