import { chooseEnvironment } from './choose-environment.ts'
import { chooseRole } from './choose-role.ts'
import type { Connection, Model } from './connection.ts'
import type { Because, Decision, Question, Reason } from './decision.ts'
import type { Mapped } from './mapped.ts'
import type { AccessModel } from './model.ts'
import type { Role } from './role.ts'

/**
 * As which role and in which environment a user's queries run, and why. What a caller may show beside it: until
 * when it holds is `mapped.validUntil`.
 *
 * The connection is one of the model's, and so is the data model, which stands on that connection; others throw.
 */
export function decide(model: AccessModel, mapped: Mapped, question: Question): Decision {
  const connection = model.connections.get(question.connection)
  if (!connection) throw new Error(`there is no connection \`${question.connection}\``)
  const dataModel = question.model === undefined ? undefined : findModel(model, connection, question.model)
  if (!mapped.user.active) return inactive(mapped)

  const { role = noAccess(model), refused, because } = chooseRole(mapped, connection, dataModel)
  if (role.tier === 'no_access') return deny(refused ? 'refused' : 'no_access', role, mapped, because)

  const place = chooseEnvironment(mapped, connection, question.environment)
  const reasons = [...because, ...place.because]
  if (place.environment === null) return deny(place.reason, role, mapped, reasons)
  return {
    decision: 'allow',
    reason: null,
    environment: place.environment,
    role: { name: role.name, tier: role.tier },
    permissions: role.permissions,
    attributes: mapped.attributes,
    because: reasons,
  }
}

/** The answer about somebody whom no directory knows, or not the one that was asked. */
export function unknownUser(question: Question, directory?: string): Decision {
  const who = directory === undefined ? 'no directory knows' : `the directory \`${directory}\` does not know`
  const text = `${who} this user, so nothing is granted on \`${question.connection}\``
  return nobody('unknown_user', { step: 'user', kind: 'unknown', text })
}

function inactive({ user }: Mapped): Decision {
  return nobody('inactive', { step: 'user', kind: 'inactive', text: `\`${user.userName}\` is deactivated` })
}

function nobody(reason: Reason, because: Because): Decision {
  return {
    decision: 'deny',
    reason,
    environment: null,
    role: null,
    permissions: [],
    attributes: {},
    because: [because],
  }
}

function deny(reason: Reason, role: Role, mapped: Mapped, because: readonly Because[]): Decision {
  return {
    decision: 'deny',
    reason,
    environment: null,
    role: { name: role.name, tier: role.tier },
    permissions: [],
    attributes: mapped.attributes,
    because,
  }
}

function findModel(model: AccessModel, connection: Connection, name: string): Model {
  const found = model.models.get(name)
  if (found?.connection !== connection.name) {
    throw new Error(`there is no model \`${name}\` on connection \`${connection.name}\``)
  }
  return found
}

function noAccess({ roles }: AccessModel): Role {
  const role = roles.get('no_access')
  if (!role) throw new Error('the base role `no_access` is missing')
  return role
}
