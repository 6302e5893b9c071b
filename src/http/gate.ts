import type { RequestHandler } from 'express'
import type { Principal } from '../provision/authenticate.ts'
import { count, newMeter, owe, type Meter, type Rate } from '../provision/meter.ts'
import { principalOf } from './authenticate.ts'
import { HttpError } from './errors.ts'
import { createRequestCost, type RequestCost } from './request-cost.ts'

/**
 * Where the requests of directories stand before they are worked on.
 *
 * Each directory has its rate; what comes faster waits for up to a second and is refused after that. And each has its
 * own queue: one that floods waits in its own, for a few seconds, and leaves room for the others.
 */
export interface Gate {
  /**
   * Lets a request in: at once, when it returns nothing, or when the promise resolves. Each one that was let in has
   * to {@link Gate.leave}.
   *
   * @throws HttpError 429, at once or through the promise
   */
  enter(who: Pick<Principal, 'directoryId' | 'rate'>): Promise<void> | undefined
  leave(who: Pick<Principal, 'directoryId'>): void
  /**
   * Counts what a request that was let in asks for beyond one. It is not refused any more; whoever comes next waits for
   * what it costs.
   */
  charge(who: Pick<Principal, 'directoryId' | 'rate'>, more: number): void
  /**
   * Lets others of the directory go first, in the midst of a request that is many: it has left and comes in again, at
   * once when it returns nothing. It is never refused.
   */
  yield(who: Pick<Principal, 'directoryId'>): Promise<void> | undefined
  /** Tells of a request that stands in no queue: the directories leave room for it. */
  pass(): void
}

/** What a gate needs of its surroundings. */
export interface GateOptions {
  /** Of a directory whose settings say nothing; undefined: as often as it likes. */
  readonly rate: Rate | undefined
  /** Requests that the database works on at once. */
  readonly connections?: number
  readonly now?: () => number
  readonly cost?: RequestCost
  readonly after?: (milliseconds: number) => Promise<void>
}

/** A client would rather wait for so long than be refused: because it comes too fast, or because others are before it. */
const PATIENCE_MS = { rate: 1000, queue: 5000 } as const

/**
 * What may be in hand of one directory with none beside it, and in company: so many requests at most, fewer of them
 * where they take long, and no more than a part of the connections to the database.
 */
const IN_HAND = {
  alone: { requests: 64, milliseconds: 64, connections: 1 },
  inCompany: { requests: 16, milliseconds: 4, connections: 0.5 },
} as const

/** Requests of one directory that may wait for a slot. */
const MOST_WAITING = 1000

interface Lane {
  readonly meter: Meter
  /** Requests that were let in and whose turn has not ended. */
  taken: number
  /** Those of them that have left. */
  left: number
  readonly waiting: Waiting[]
  /** The second in which it was seen last. */
  second: number
}

interface Waiting {
  /** Undefined: it waits however long it takes. */
  readonly since: number | undefined
  readonly resolve: () => void
  readonly reject: (error: HttpError) => void
}

/** Makes the gate of a server. */
export function createGate({
  rate: usual,
  connections = Infinity,
  now = () => performance.now(),
  cost = createRequestCost(),
  after = pause,
}: GateOptions): Gate {
  const lanes = new Map<string, Lane>()
  const leaving = new Set<Lane>()
  const queues = new Set<Lane>()
  let second = 0
  let company = { now: 0, before: 0 }

  return {
    enter({ directoryId = '', rate = usual }) {
      const at = now()
      const lane = laneOf(directoryId)
      see(lane, at)
      const wait = rate === undefined ? 0 : count(lane.meter, rate, at, PATIENCE_MS.rate)
      if (wait > PATIENCE_MS.rate) throw tooMany(rate, wait - PATIENCE_MS.rate)
      if (wait === 0) return takeSlot(lane)
      return after(wait).then(() => takeSlot(lane))
    },
    leave({ directoryId = '' }) {
      giveBack(laneOf(directoryId))
    },
    charge({ directoryId = '', rate = usual }, more) {
      if (rate !== undefined) owe(laneOf(directoryId).meter, rate, now(), more)
    },
    yield({ directoryId = '' }) {
      const lane = laneOf(directoryId)
      see(lane, now())
      if (lane.waiting.length === 0 && lane.taken <= slots()) return undefined
      giveBack(lane)
      return stand(lane, undefined)
    },
    pass() {
      see(laneOf(''), now())
    },
  }

  function laneOf(key: string): Lane {
    let lane = lanes.get(key)
    if (lane === undefined) {
      lanes.set(key, (lane = { meter: newMeter(), taken: 0, left: 0, waiting: [], second: -1 }))
    }
    return lane
  }

  /** Counts how many there are to be fair to: those seen in this second or in the one before. */
  function see(lane: Lane, at: number): void {
    const present = Math.floor(at / 1000)
    if (present !== second) {
      company = { now: 0, before: present === second + 1 ? company.now : 0 }
      second = present
    }
    if (lane.second === present) return
    lane.second = present
    company.now += 1
  }

  /** How many requests of one directory may be in hand. */
  function slots(): number {
    const most = company.now > 1 || company.before > 1 ? IN_HAND.inCompany : IN_HAND.alone
    return Math.max(1, Math.min(most.requests, most.connections * connections, cost.worth(most.milliseconds)))
  }

  function takeSlot(lane: Lane): Promise<void> | undefined {
    if (lane.waiting.length === 0 && lane.taken + 1 <= slots()) {
      take(lane)
      return undefined
    }
    if (lane.waiting.length >= MOST_WAITING) throw tooMany(undefined, PATIENCE_MS.queue)
    return stand(lane, now())
  }

  function take(lane: Lane): void {
    lane.taken += 1
    if (lane.taken > 1) cost.several()
  }

  function stand(lane: Lane, since: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      lane.waiting.push({ since, resolve, reject })
      queues.add(lane)
    })
  }

  function giveBack(lane: Lane): void {
    lane.left += 1
    if (leaving.size === 0) setImmediate(endTurn)
    leaving.add(lane)
  }

  /**
   * Slots come back at the end of a turn of the event loop, and not earlier: a read of SQLite is done within its turn,
   * and a directory with many connections would fill every turn before anybody else is heard.
   */
  function endTurn(): void {
    let ended = 0
    let areSeveral = queues.size > 0
    for (const lane of leaving) {
      ended += lane.left
      lane.taken -= lane.left
      lane.left = 0
      areSeveral ||= lane.taken > 1
    }
    cost.endTurn(ended, areSeveral)
    leaving.clear()
    const at = now()
    for (const lane of queues) {
      while (lane.waiting.length > 0 && lane.taken + 1 <= slots()) admitNext(lane, at)
      if (lane.waiting.length === 0) queues.delete(lane)
    }
  }

  function admitNext(lane: Lane, at: number): void {
    const next = lane.waiting.shift()
    if (next === undefined) return
    if (next.since !== undefined && at - next.since > PATIENCE_MS.queue) {
      return next.reject(tooMany(undefined, PATIENCE_MS.queue))
    }
    take(lane)
    next.resolve()
  }
}

/** Express middleware, after `authenticate`, that makes a request stand in its directory's queue. */
export function standAt(gate: Gate): RequestHandler {
  return function standAtGate(_request, response, next) {
    const who = principalOf(response)
    const pass = (): void => {
      if (response.destroyed) return gate.leave(who)
      response.once('close', () => gate.leave(who))
      next()
    }
    const entered = gate.enter(who)
    if (entered === undefined) pass()
    else entered.then(pass, next)
  }
}

/** SailPoint reads the `x-rate-limit-…` headers, Okta and Entra `Retry-After`; all of them in seconds. */
function tooMany(rate: Rate | undefined, wait: number): HttpError {
  const seconds = String(Math.max(1, Math.ceil(wait / 1000)))
  return new HttpError(
    429,
    rate === undefined
      ? `too many requests of this directory are waiting; try again in ${seconds} s`
      : `this directory may ask ${rate.perSecond} times a second and ${rate.burst} times at once; try again in ${seconds} s`,
    {
      headers: {
        'retry-after': seconds,
        'x-rate-limit-limit': String(rate?.burst ?? MOST_WAITING),
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': seconds,
      },
    },
  )
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds)
  })
