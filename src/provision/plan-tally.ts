import { EFFECT_KINDS, type EffectKind } from '../../schemas/messages/plans.ts'
import type { PersonalEffect } from './population.ts'

/** What a plan does to everybody, in numbers. */
export interface Summary {
  readonly people: number
  /** People for whom anything is different. */
  readonly affected: number
  /** How often there is an effect of a kind: once for a person and a connection or model. */
  readonly kinds: Readonly<Partial<Record<EffectKind, number>>>
  readonly connections: readonly {
    readonly connection: string
    readonly model: string | null
    readonly kinds: Readonly<Partial<Record<EffectKind, number>>>
    readonly moves: readonly Way[]
    readonly roles: readonly Way[]
    readonly denials: readonly { readonly reason: string; readonly people: number }[]
  }[]
  readonly listed: number
}

/** How many people go from one place to another. */
export interface Way {
  readonly from: string
  readonly to: string
  readonly people: number
}

interface Counts {
  readonly connection: string
  readonly model: string | null
  readonly kinds: Map<EffectKind, number>
  readonly moves: Map<string, number>
  readonly roles: Map<string, number>
  readonly denials: Map<string, number>
}

/** Counts effects. */
export function createTally(): {
  add(effect: PersonalEffect): void
  summary(people: number, listed: number): Summary
} {
  const kinds = new Map<EffectKind, number>()
  const connections = new Map<string, Counts>()
  let affected = 0
  let lastPerson = ''
  return {
    add(effect) {
      const { person, question, before, after } = effect
      if (person.user.id !== lastPerson) affected += 1
      lastPerson = person.user.id
      const counts = countsOf(connections, question.connection, question.model ?? null)
      for (const kind of effect.kinds) {
        addTo(kinds, kind)
        addTo(counts.kinds, kind)
      }
      const has = (kind: EffectKind): boolean => effect.kinds.includes(kind)
      const [was, is] = [before?.decision, after?.decision]
      if (has('move')) {
        addTo(counts.moves, JSON.stringify([was?.environment?.connection, is?.environment?.connection]))
      }
      if (has('roleUp') || has('roleDown')) {
        addTo(counts.roles, JSON.stringify([was?.role?.name, is?.role?.name]))
      }
      if (has('newDenial') || has('newAmbiguity') || has('otherReason'))
        addTo(counts.denials, is?.reason ?? '')
    },
    summary: (people, listed) => ({
      people,
      affected,
      kinds: ordered(kinds),
      connections: [...connections.values()].map((counts) => ({
        connection: counts.connection,
        model: counts.model,
        kinds: ordered(counts.kinds),
        moves: ways(counts.moves),
        roles: ways(counts.roles),
        denials: most(counts.denials).map(([reason, count]) => ({ reason, people: count })),
      })),
      listed,
    }),
  }
}

function countsOf(all: Map<string, Counts>, connection: string, model: string | null): Counts {
  const key = JSON.stringify([connection, model])
  let counts = all.get(key)
  if (counts === undefined) {
    counts = {
      connection,
      model,
      kinds: new Map(),
      moves: new Map(),
      roles: new Map(),
      denials: new Map(),
    }
    all.set(key, counts)
  }
  return counts
}

function addTo<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

const ordered = (counts: ReadonlyMap<EffectKind, number>): Partial<Record<EffectKind, number>> =>
  Object.fromEntries(EFFECT_KINDS.flatMap((kind) => (counts.has(kind) ? [[kind, counts.get(kind)]] : [])))

const most = (counts: ReadonlyMap<string, number>): [string, number][] =>
  [...counts].toSorted(([, a], [, b]) => b - a)

const ways = (counts: ReadonlyMap<string, number>): Way[] =>
  most(counts).map(([way, people]) => {
    const [from = '', to = ''] = JSON.parse(way) as string[]
    return { from, to, people }
  })
