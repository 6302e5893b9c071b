import type { EffectView, Plan } from '../../src/provision/plan.ts'
import type { Explained } from '../../src/provision/resolve.ts'

export interface Assignment {
  readonly user: { readonly id: string; readonly userName: string }
  readonly decision: 'allow' | 'deny'
  readonly reason: string | null
  readonly role: string | null
  readonly environment: string | null
}

/** What an administrator and a service that runs queries ask a server. */
export interface Api {
  readonly apply: (yaml: string) => Promise<{ revision: number }>
  /** Finds or makes the directory, and gives its address and a token. */
  readonly openDirectory: (name: string, provider: string) => Promise<{ scimUrl: string; token: string }>
  /** What a document would change, with the first of those whom it affects. */
  readonly plan: (document: object) => Promise<{ plan: Plan; effects: EffectView[] }>
  readonly setSecret: (name: string, value: string) => Promise<void>
  readonly resolve: (user: string, connection: string) => Promise<Explained>
  /** Everybody on a connection, all pages. */
  readonly assignments: (connection: string) => Promise<Assignment[]>
}

/** Opens the interface of a server with an administrator's token. */
export function openApi(url: string, adminToken: string): Api {
  const call = async (method: string, path: string, body?: string): Promise<unknown> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${adminToken}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    apply: async (yaml) => (await call('POST', '/apply', yaml)) as { revision: number },
    async plan(document) {
      const plan = (await call('POST', '/plan?wait=60', JSON.stringify(document))) as Plan
      const { effects } = (await call('GET', `/plans/${plan.id}/effects?limit=6`)) as {
        effects: EffectView[]
      }
      return { plan, effects }
    },
    async openDirectory(directory, provider) {
      const { directories } = (await call('GET', '/directories')) as {
        directories: { name: string; scimUrl: string }[]
      }
      const known = directories.find(({ name }) => name === directory)
      const made =
        known ?? (await call('POST', '/directories', JSON.stringify({ name: directory, provider })))
      const { scimUrl } = made as { scimUrl: string }
      const request = JSON.stringify({ scope: 'scim', directory, label: 'demo' })
      const { token } = (await call('POST', '/tokens', request)) as { token: string }
      return { scimUrl, token }
    },
    async setSecret(name, value) {
      await call('PUT', `/secrets/${name}`, JSON.stringify({ value }))
    },
    async resolve(user, connection) {
      return (await call(
        'GET',
        `/resolve?${new URLSearchParams({ user, connection, explain: 'true' }).toString()}`,
      )) as Explained
    },
    async assignments(connection) {
      const all: Assignment[] = []
      let cursor: string | undefined
      do {
        const query = new URLSearchParams({
          connection,
          limit: '100',
          ...(cursor !== undefined && { cursor }),
        })
        const page = (await call('GET', `/assignments?${query.toString()}`)) as {
          assignments: Assignment[]
          nextCursor?: string
        }
        all.push(...page.assignments)
        cursor = page.nextCursor
      } while (cursor !== undefined)
      return all
    },
  }
}
