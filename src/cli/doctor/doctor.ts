import { newId } from '../../context.ts'
import type { Conversation } from './conversation.ts'
import { openLine } from './line.ts'
import { play } from './play.ts'
import type { Played } from './play.ts'
import { playTokens } from './token.ts'
import type { TokenClient } from './token.ts'

export interface DoctorOptions {
  /** The SCIM base URL: `http://localhost:3000/scim/v2`. */
  readonly url: string
  /** A token of the directory. */
  readonly token: string
  readonly conversations: readonly Conversation[]
  /** Without it, nothing is asked about tokens. */
  readonly tokenClient?: TokenClient
  /** Ends it after the request that is under way; what was made is removed all the same. */
  readonly signal?: AbortSignal
}

/** What the doctor tells while it works. */
export interface Listener {
  readonly step?: (conversation: Conversation, done: number, total: number) => void
  readonly played?: (played: Played) => void
  /** A token that the server has issued: nothing may print it. */
  readonly issued?: (token: string) => void
}

/** The server does not let the doctor in at all. */
export class Closed extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Closed'
  }
}

/**
 * Plays conversations against a running SCIM server, one after the other.
 *
 * Users and groups have names that nobody else has, and are removed after each conversation.
 *
 * @throws Closed when the first request is refused; Silent when nobody answers
 */
export async function examine(options: DoctorOptions, listener: Listener = {}): Promise<Played[]> {
  const { url, token, conversations, signal } = options
  const line = openLine(url, token)
  try {
    const first = await line.send({
      method: 'GET',
      path: '/Users?count=1',
      headers: { Accept: 'application/scim+json' },
    })
    if ([401, 403, 404].includes(first.status))
      throw new Closed(
        `the server answers ${first.status} to \`GET ${line.base}/Users\`: ${first.status === 404 ? 'is this the SCIM base URL?' : 'is this a token of the directory?'}`,
      )
    const all: Played[] = []
    const tell = (played: Played): void => {
      all.push(played)
      listener.played?.(played)
    }
    for (const conversation of conversations) {
      if (signal?.aborted) break
      const played = await play(conversation, {
        line,
        run: newId().replaceAll('-', '').slice(-10),
        ...(signal && { signal }),
        report: (done, total) => listener.step?.(conversation, done, total),
      })
      tell(played)
    }
    if (options.tokenClient && !signal?.aborted)
      tell(await playTokens(options.tokenClient, line, listener.issued))
    return all
  } finally {
    line.close()
  }
}
