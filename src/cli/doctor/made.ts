import { percent } from './conversation.ts'
import { valueAt } from './differences.ts'
import { idsIn } from './faults.ts'
import type { Answer, Line, Request } from './line.ts'

/** What the doctor has made on a server and has to take away again. */
export interface Made {
  /** Takes note of an exchange; `answer` is undefined when none came. */
  readonly note: (request: Request, answer: Answer | undefined) => void
  /** Deletes all of it, groups first, and gives what is left. Never throws. */
  readonly remove: (line: Line) => Promise<string[]>
}

const endpoints = ['/Groups', '/Users'] as const

/** Opens an empty list. */
export function openMade(): Made {
  const places = new Set<string>()
  /** Sent, and perhaps stored whatever the answer said: found again by name, which nobody else has. */
  const nameless = new Set<string>()

  return {
    note({ method, path, body }, answer) {
      const [place = ''] = path.split('?')
      const endpoint = endpoints.find((one) => one === place)
      const worked = answer !== undefined && answer.status < 300
      if (method === 'DELETE' && worked) places.delete(place)
      if (method !== 'POST' || endpoint === undefined) return
      const id = valueAt(answer?.json, 'id')
      if (worked && typeof id === 'string') places.add(`${endpoint}/${encodeURIComponent(id)}`)
      else nameless.add(byName(endpoint, body))
    },
    async remove(line) {
      for (const list of nameless) for (const place of await find(line, list)) places.add(place)
      const order = endpoints.flatMap((endpoint) => [...places].filter((place) => place.startsWith(endpoint)))
      const left: string[] = []
      for (const place of order) if (!(await isGone(line, place))) left.push(place)
      return left
    },
  }
}

const headers = { Accept: 'application/scim+json' }

function byName(endpoint: string, body: unknown): string {
  const attribute = endpoint === '/Users' ? 'userName' : 'displayName'
  return `${endpoint}?filter=${percent(`${attribute} eq ${JSON.stringify(valueAt(body, attribute) ?? '')}`)}`
}

async function find(line: Line, path: string): Promise<string[]> {
  const [endpoint] = path.split('?')
  const answer = await line.send({ method: 'GET', path, headers }).catch(() => undefined)
  return idsIn(valueAt(answer?.json, 'Resources'), 'id').map((id) => `${endpoint}/${encodeURIComponent(id)}`)
}

async function isGone(line: Line, path: string): Promise<boolean> {
  const answer = await line.send({ method: 'DELETE', path, headers }).catch(() => undefined)
  return answer !== undefined && (answer.status < 300 || answer.status === 404)
}
