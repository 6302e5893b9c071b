import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose'
import { LRUCache } from 'lru-cache'

/** The keys of an issuer that cannot be had at the moment. */
export class KeysUnavailable extends Error {
  override name = 'KeysUnavailable'
}

/** Issuers whose keys are kept. */
const MOST_ISSUERS = 1000

const TIMEOUT_MS = 5000

/** After a fetch that failed nobody waits for another one for so long. */
const PAUSE_MS = 5000

/** Microsoft's key set, the largest known, has 20 kB. */
const LARGEST_BYTES = 512 * 1024

/**
 * Makes the source of public keys by the address at which an issuer shows them.
 *
 * Keys are kept for ten minutes and fetched again for an unknown `kid`, at most every thirty seconds (jose). A fetch
 * follows no redirect, ends after five seconds, and reads no more than half a megabyte.
 */
export function createKeySource(
  now: () => number = () => performance.now(),
): (url: string) => JWTVerifyGetKey {
  const sources = new LRUCache<string, JWTVerifyGetKey>({ max: MOST_ISSUERS })
  return (url) => {
    let source = sources.get(url)
    if (source === undefined) sources.set(url, (source = open(url, now)))
    return source
  }
}

function open(url: string, now: () => number): JWTVerifyGetKey {
  let pausedUntil = 0
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: TIMEOUT_MS,
    async [customFetch](address, options) {
      if (now() < pausedUntil) throw new Error('the last fetch failed a moment ago')
      const answer = await fetch(address, options)
      if (answer.status !== 200) throw new Error(`it was answered with status ${answer.status}`)
      return new Response(await readBounded(answer), { status: 200 })
    },
  })
  return async (header, token) => {
    try {
      return await keys(header, token)
    } catch (error) {
      if (isAboutTheToken(error)) throw error
      if (now() >= pausedUntil) pausedUntil = now() + PAUSE_MS
      const why = error instanceof errors.JWKSTimeout ? 'nothing came in time' : (error as Error).message
      throw new KeysUnavailable(`the keys of the issuer cannot be fetched from \`${url}\`: ${why}`, {
        cause: error,
      })
    }
  }
}

const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported

async function readBounded(answer: Response): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength
    if (size > LARGEST_BYTES) throw new Error(`it is larger than ${LARGEST_BYTES} bytes`)
    chunks.push(chunk as Uint8Array<ArrayBuffer>)
  }
  return new Blob(chunks)
}
