import type { Sent } from './connection.ts'
import { enterprise, groupId, groups, userBody, userId, userName } from './population.ts'
import type { Group } from './population.ts'

/** Whom a script talks to, and about whom. */
export interface World {
  readonly token: string
  readonly connections: number
  /** How many users there are. */
  readonly users: number
  /** The group that the script is about. */
  readonly group: Group
  /** Which share of the users a script writes to: no two scripts that write to one server have the same. */
  readonly share: number
}

/** What one connection sends as its n-th request; every request of a writing script really changes something. */
export type Script = (connection: number, step: number) => Sent

export type ScriptName = keyof typeof scripts

const page = 100

/** The conversations of the benchmark by name. */
export const scripts = {
  /** Against the yardstick E. */
  constant: ({ token }) => {
    const request = get(token, '/')
    return () => request
  },
  /** Against the yardstick E with an insert. */
  insert: ({ token }) => {
    return (connection, step) => post(token, '/', userBody(step * 64 + connection))
  },
  resolve: ({ token, users }) => {
    return (connection, step) => {
      const user = encodeURIComponent(userName(scattered(connection, step, users)))
      return get(token, `/api/v1/resolve?user=${user}&connection=warehouse`)
    }
  },
  getUser: ({ token, users }) => {
    return (connection, step) => get(token, `/scim/v2/Users/${userId(scattered(connection, step, users))}`)
  },
  filterUserName: ({ token, users }) => {
    return (connection, step) => {
      const filter = `userName eq "${userName(scattered(connection, step, users))}"`
      return get(token, `/scim/v2/Users?filter=${encodeURIComponent(filter)}`)
    }
  },
  filterExternalId: ({ token, users }) => {
    return (connection, step) => {
      const filter = `externalId eq "00u${scattered(connection, step, users)}"`
      return get(token, `/scim/v2/Users?filter=${encodeURIComponent(filter)}`)
    }
  },
  filterEmail: ({ token, users }) => {
    return (connection, step) => {
      const filter = `emails[type eq "work" and value eq "${userName(scattered(connection, step, users))}"]`
      return get(token, `/scim/v2/Users?filter=${encodeURIComponent(filter)}`)
    }
  },
  filterEmployeeNumber: ({ token, users }) => {
    return (connection, step) => {
      const filter = `${enterprise}:employeeNumber eq "E${scattered(connection, step, users)}"`
      return get(token, `/scim/v2/Users?filter=${encodeURIComponent(filter)}`)
    }
  },
  firstPage: ({ token }) => {
    const request = get(token, `/scim/v2/Users?startIndex=1&count=${page}`)
    return () => request
  },
  /** Page after page through the last tenth, as a client arrives that walks the whole directory. */
  deepPage: ({ token, users, connections }) => {
    return (connection, step) => {
      const pages = Math.floor(users / 10 / page)
      const start = users - page * pages + 1 + page * ((step * connections + connection) % pages)
      return get(token, `/scim/v2/Users?startIndex=${start}&count=${page}`)
    }
  },
  /** Somewhere in the second half, where nobody has been before. */
  jump: ({ token, users }) => {
    return (connection, step) => {
      const start = Math.floor(users / 2) + scattered(connection, step, Math.floor(users / 2) - page)
      return get(token, `/scim/v2/Users?startIndex=${start}&count=${page}`)
    }
  },
  createUser: ({ token, users }) => {
    return (connection, step) => post(token, '/scim/v2/Users', userBody(users + step * 64 + connection))
  },
  patchActive: (world) => {
    return (connection, step) => {
      const [user, turn] = ownUser(world, connection, step)
      return patch(world.token, `/scim/v2/Users/${userId(user)}`, 200, {
        op: 'replace',
        path: 'active',
        value: turn % 2 === 1,
      })
    }
  },
  /** Adds and removes members: the first turn takes out who is in the group already, or puts in who is not. */
  patchMember: (world) => {
    return (connection, step) => {
      const [user, turn] = ownUser(world, connection, step)
      const isMember = (world.group === 'large') !== (turn % 2 === 1)
      const operation = isMember
        ? { op: 'remove', path: `members[value eq "${userId(user)}"]` }
        : { op: 'add', path: 'members', value: [{ value: userId(user) }] }
      return patch(world.token, `/scim/v2/Groups/${groupId(world.group)}`, 204, operation)
    }
  },
  /**
   * The first sync of a directory: all users, then a group for every hundred of them. A group is created and gets
   * three hundred members, a hundred in a request, so that everybody ends in three groups.
   */
  firstSync: ({ token, users }) => {
    const ids: string[] = []
    const begun = new Map<number, { readonly id: string; readonly from: number; readonly left: number }>()
    let sent = 0
    let groupsSent = 0
    return (connection) => {
      const index = sent++
      if (index < users) {
        return { ...post(token, '/scim/v2/Users', userBody(index)), answered: (text) => ids.push(idIn(text)) }
      }
      const group = begun.get(connection)
      if (group === undefined) {
        const from = groupsSent++ * 100
        const body = {
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
          displayName: `Users from ${from}`,
        }
        return {
          ...post(token, '/scim/v2/Groups', body),
          answered: (text) => begun.set(connection, { id: idIn(text), from, left: 3 }),
        }
      }
      if (group.left === 1) begun.delete(connection)
      else begun.set(connection, { ...group, from: group.from + 100, left: group.left - 1 })
      const members = Array.from({ length: 100 }, (_, n) => ({ value: ids[(group.from + n) % users] }))
      return patch(token, `/scim/v2/Groups/${group.id}`, 204, { op: 'add', path: 'members', value: members })
    }
  },
} satisfies Record<string, (world: World) => Script>

/** The same scattered users for every server that is measured, in an order without locality. */
function scattered(connection: number, step: number, of: number): number {
  return (Math.imul(step * 64 + connection + 1, 0x9e3779b1) >>> 0) % of
}

/** Shares that the users are cut into. */
const shares = 8

/** A user of the script's share that no other connection writes to, and how often this one has come round to it. */
function ownUser(
  { users, share, connections }: World,
  connection: number,
  step: number,
): [user: number, turn: number] {
  const inBoth = groups.small
  const size = Math.floor((Math.min(users, groups.large) - inBoth) / shares)
  const own = Math.max(1, Math.min(200, Math.floor(size / connections)))
  return [inBoth + share * size + connection + connections * (step % own), Math.floor(step / own)]
}

/** The id in the answer to a creation. */
function idIn(answer: string): string {
  return /"id":"([^"]+)"/.exec(answer)?.[1] ?? ''
}

function get(token: string, path: string): Sent {
  return { status: 200, text: head('GET', path, token) + '\r\n' }
}

function post(token: string, path: string, body: object): Sent {
  return { status: 201, text: withBody(head('POST', path, token), body) }
}

function patch(token: string, path: string, status: number, operation: object): Sent {
  const body = { schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'], Operations: [operation] }
  return { status, text: withBody(head('PATCH', path, token), body) }
}

function head(method: string, path: string, token: string): string {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nAccept: */*\r\n`
}

function withBody(start: string, body: object): string {
  const text = JSON.stringify(body)
  return `${start}Content-Type: application/scim+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}
