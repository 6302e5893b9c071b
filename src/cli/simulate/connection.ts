/** What an identity provider has in its hands: a base URL, a token, and JSON. */
export interface Connection {
  /** Sends a request and gives its body; undefined for an answer without one. Throws `Refused` or `Unreachable`. */
  readonly call: (method: string, path: string, body?: object) => Promise<unknown>
  /** How many requests went out. */
  readonly requests: () => number
}

/** The server said no. `detail` is its own sentence. */
export class Refused extends Error {
  readonly status: number
  readonly detail: string
  constructor(status: number, detail: string, request: string) {
    super(`${request} was answered ${status}: ${detail}`)
    this.name = 'Refused'
    this.status = status
    this.detail = detail
  }
}

/** Nobody answered. */
export class Unreachable extends Error {
  constructor(url: string, cause: unknown) {
    super(`there is no answer from ${url}`, { cause })
    this.name = 'Unreachable'
  }
}

/**
 * Opens a connection to a SCIM base URL.
 *
 * A 429 is obeyed: the request is sent again after the time in `Retry-After`, five times at most.
 */
export function connect(baseUrl: string, token: string, headers: Record<string, string>): Connection {
  const base = baseUrl.replace(/\/$/, '')
  let sent = 0
  const call = async (method: string, path: string, body?: object, attempt = 1): Promise<unknown> => {
    sent += 1
    const response = await fetch(base + path, {
      method,
      headers: { ...headers, Authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((error: unknown) => {
      throw new Unreachable(base, error)
    })
    const text = await response.text()
    if (response.status === 429 && attempt <= 5) {
      await pause(Number(response.headers.get('retry-after') ?? 1))
      return call(method, path, body, attempt + 1)
    }
    if (response.status >= 400) throw new Refused(response.status, detailOf(text), `${method} ${path}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return { call: (method, path, body) => call(method, path, body), requests: () => sent }
}

const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000)
  })

function detailOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text)
    if (typeof body === 'object' && body !== null && 'detail' in body) return String(body.detail)
  } catch {
    // Not JSON: a proxy may have answered; its text says more than nothing.
  }
  return text.slice(0, 200)
}
