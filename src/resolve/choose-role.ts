import type { Connection, Model, Target } from './connection.ts'
import type { Because, Kind } from './decision.ts'
import type { Grant, Mapped } from './mapped.ts'
import type { Role } from './role.ts'

export interface RoleChoice {
  /** Undefined when no grant reaches the user. */
  readonly role: Role | undefined
  /** Whether a grant was refused by the directory's ceiling. */
  readonly refused: boolean
  readonly because: readonly Because[]
}

/**
 * The strongest of all roles that reach the user on the connection and, where one is asked for, on the model.
 * Nothing denies: a weaker grant changes nothing, and a grant on a model never takes from the role on its connection.
 */
export function chooseRole(mapped: Mapped, connection: Connection, model: Model | undefined): RoleChoice {
  const grants = [...(mapped.grants.get(connection) ?? [])]
  if (model) grants.push(...(mapped.grants.get(model) ?? []))
  if (connection.baseRole && mapped.baseCounts) grants.push(baseGrant(connection, connection.baseRole))
  let winner: Grant | undefined
  let refused = false
  for (const grant of grants) {
    if (grant.state === 'refused') refused = true
    if (grant.state === 'applies' && (!winner || grant.role.rank > winner.role.rank)) winner = grant
  }
  const because: Because[] = winner ? [reason(winner, 'granted', '')] : [noRole(connection, model)]
  for (const grant of grants) {
    if (grant !== winner) because.push(lost(grant, winner))
  }
  return { role: winner?.role, refused, because }
}

/** Why a grant does not count that the ceiling of a directory refuses. */
export const refusedGrant = (grant: Grant): Because => reason(grant, 'refused', '')

function baseGrant(connection: Connection, role: Role): Grant {
  return { state: 'applies', role, target: connection, how: 'as its base role', facts: { source: 'base' } }
}

function lost(grant: Grant, winner: Grant | undefined): Because {
  switch (grant.state) {
    case 'refused':
      return refusedGrant(grant)
    case 'expired':
      return reason(grant, 'expired', ' has ended')
    case 'pending':
      return reason(grant, 'pending', ` begins ${grant.facts.from ?? 'later'}`)
    case 'applies':
      if (!winner || grant.role === winner.role) return reason(grant, 'same', ' is the same role')
      if (grant.target.kind === 'model' && winner.target.kind === 'connection') {
        return reason(grant, 'lifted', ` is lifted to \`${winner.role.name}\`, the role on the connection`)
      }
      return reason(grant, 'outranked', ` is outranked by \`${winner.role.name}\``)
  }
}

function reason({ role, target, how, facts }: Grant, kind: Kind, outcome: string): Because {
  return {
    step: 'role',
    kind,
    text: `role \`${role.name}\` on ${targetName(target)} ${how}${outcome}`,
    role: role.name,
    tier: role.tier,
    on: target.kind === 'model' ? { model: target.name } : { connection: target.name },
    ...facts,
  }
}

function noRole(connection: Connection, model: Model | undefined): Because {
  const where = model ? `${targetName(connection)} or on ${targetName(model)}` : targetName(connection)
  return { step: 'role', kind: 'none', text: `no role on ${where}`, on: { connection: connection.name } }
}

function targetName({ kind, name }: Target): string {
  return kind === 'model' ? `model \`${name}\`` : `\`${name}\``
}
