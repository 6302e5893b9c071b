import { isDeepStrictEqual } from 'node:util'
import { EFFECT_KINDS, type EffectKind } from '../../schemas/messages/plans.ts'
import { tierRank, type Tier } from '../../schemas/roles.ts'
import type { Attributes, Because, Decision, Kind, Step } from '../resolve/decision.ts'
import type { AccessModel } from '../resolve/model.ts'

/** How one person stands somewhere. */
export interface Standing {
  readonly decision: Decision
  /** The environments that may be asked for by name. */
  readonly picks: readonly string[]
}

/** What is different for one person on one connection or model. */
export interface Effect {
  /** In the order of {@link EFFECT_KINDS}; never empty. */
  readonly kinds: readonly EffectKind[]
  /** Of somebody who keeps access: a role that ranks lower may bring permissions, and one that ranks higher take some. */
  readonly permissions: { readonly gained: readonly string[]; readonly lost: readonly string[] }
  /** The one reason that tips it. */
  readonly because: string
}

/** What of the two configurations a comparison goes by. */
export interface Rules {
  /** By which a role is the stronger. */
  readonly roles: { readonly before: Roles; readonly after: Roles }
  /** The user attributes that have another name, from the one before to the one after. */
  readonly renamed: ReadonlyMap<string, string>
}

type Roles = Pick<AccessModel, 'roles'>

/**
 * What a change does to one person somewhere; undefined when a service would treat the person alike, whatever the
 * reasons are.
 *
 * Who stays denied is treated alike whatever the role would have been.
 *
 * @param before undefined: nothing is decided there, as on a connection that is not configured
 */
export function effectOf(
  before: Standing | undefined,
  after: Standing | undefined,
  { roles, renamed }: Rules,
): Effect | undefined {
  const found = new Set<EffectKind>()
  const [was, is] = [before?.decision, after?.decision]
  const [had, has] = [was?.decision === 'allow', is?.decision === 'allow']
  if (had && !has) found.add('loss')
  if (!had && has) found.add('gain')
  if (is !== undefined && !has && (was === undefined || had)) found.add('newDenial')
  if (is?.reason === 'ambiguous' && was?.reason !== 'ambiguous') found.add('newAmbiguity')
  if (was?.decision === 'deny' && is?.decision === 'deny' && was.reason !== is.reason)
    found.add('otherReason')
  if (was !== undefined && is !== undefined) {
    const way = had && has ? compareRoles(was, is, roles) : undefined
    if (way !== undefined) found.add(way)
    if (had && has && was.environment?.connection !== is.environment?.connection) found.add('move')
    else if (had && has && was.environment?.value !== is.environment?.value) found.add('value')
    if (!isDeepStrictEqual(underNewNames(was.attributes, renamed), is.attributes)) found.add('attributes')
    if (!isDeepStrictEqual(before?.picks, after?.picks)) found.add('picks')
  }
  if (found.size === 0) return undefined
  const kinds = EFFECT_KINDS.filter((kind) => found.has(kind))
  const permissions = had && has && was && is ? compareSets(was.permissions, is.permissions) : NO_OTHERS
  return { kinds, permissions, because: tips(before, after, found) }
}

const NO_OTHERS: Effect['permissions'] = { gained: [], lost: [] }

const compareSets = (was: readonly string[], is: readonly string[]): Effect['permissions'] => ({
  gained: is.filter((id) => !was.includes(id)),
  lost: was.filter((id) => !is.includes(id)),
})

/** A service that asks for an attribute by its name has been told of the new one: the value alone counts. */
function underNewNames(attributes: Attributes, renamed: Rules['renamed']): Attributes {
  if (renamed.size === 0) return attributes
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [renamed.get(name) ?? name, value]),
  )
}

/** Which way the role goes; undefined when it is the same with the same permissions. */
function compareRoles(
  was: Decision,
  is: Decision,
  roles: Rules['roles'],
): 'roleUp' | 'roleDown' | 'permissions' | undefined {
  const way = strength(was.role, is.role, roles)
  if (way !== 0) return way > 0 ? 'roleUp' : 'roleDown'
  return isDeepStrictEqual(was.permissions, is.permissions) && was.role?.name === is.role?.name
    ? undefined
    : 'permissions'
}

type RoleOf = { readonly name: string; readonly tier: Tier } | null

/** Above 0 when the second role is the stronger: by its tier, then in the order of a model that knows both. */
function strength(was: RoleOf, is: RoleOf, { before, after }: Rules['roles']): number {
  const tiers = (is === null ? -1 : tierRank(is.tier)) - (was === null ? -1 : tierRank(was.tier))
  if (tiers !== 0 || was === null || is === null || was.name === is.name) return tiers
  for (const { roles } of [after, before]) {
    const [from, to] = [roles.get(was.name), roles.get(is.name)]
    if (from?.tier === was.tier && to?.tier === was.tier) return to.rank - from.rank
  }
  return 0
}

/** The reason that is there on one side alone and explains the difference best. */
function tips(
  before: Standing | undefined,
  after: Standing | undefined,
  kinds: ReadonlySet<EffectKind>,
): string {
  if (after === undefined) return 'the connection is decided no longer'
  const [was, is] = [before?.decision.because ?? [], after.decision.because]
  const come = without(is, was)
  const gone = without(was, is)
  const steps = stepsOf(before?.decision, after.decision, kinds)
  // Who gets more does so by something new, and who gets less by something that went.
  const less = kinds.has('loss') || kinds.has('roleDown')
  const sides = less
    ? ([
        [gone, GONE],
        [come, ''],
      ] as const)
    : ([
        [come, ''],
        [gone, GONE],
      ] as const)
  for (const step of steps) {
    for (const [reasons, prefix] of sides) {
      const reason = reasons.find((one) => one.step === step && COUNTING.has(one.kind))
      if (reason !== undefined) return prefix + reason.text
    }
  }
  if (kinds.has('permissions')) return permissionsText(before?.decision, after.decision)
  if (kinds.has('picks')) return picksText(before, after)
  const [first] = come.length > 0 ? come : is
  return first?.text ?? ''
}

const GONE = 'no longer: '

/** Reasons that decide, unlike those that only tell what else there was. */
const COUNTING: ReadonlySet<Kind> = new Set<Kind>([
  'inactive',
  'granted',
  'refused',
  'expired',
  'value',
  'invalid',
  'matched',
  'near_miss',
  'unmatched',
  'no_value',
  'ambiguous',
  'first_in_order',
  'base',
  'primary',
  'assignment_off',
])

function without(reasons: readonly Because[], others: readonly Because[]): Because[] {
  const texts = new Set(others.map(({ text }) => text))
  return reasons.filter(({ text }) => !texts.has(text))
}

/** Where to look for the reason, the likeliest step first. */
function stepsOf(was: Decision | undefined, is: Decision, kinds: ReadonlySet<EffectKind>): readonly Step[] {
  if (
    kinds.has('roleUp') ||
    kinds.has('roleDown') ||
    (was?.role?.tier !== is.role?.tier && isRoleless(was, is))
  )
    return ['user', 'role', 'attribute', 'environment']
  return ['user', 'attribute', 'environment', 'role']
}

/** Whether one side ends at the role already. */
const isRoleless = (...decisions: readonly (Decision | undefined)[]): boolean =>
  decisions.some((one) => one?.role?.tier === 'no_access')

function permissionsText(was: Decision | undefined, is: Decision): string {
  const { gained: added, lost: taken } = compareSets(was?.permissions ?? [], is.permissions)
  const list = (ids: readonly string[]): string => ids.map((id) => `\`${id}\``).join(', ')
  return [
    ...(added.length > 0 ? [`role \`${is.role?.name}\` gains ${list(added)}`] : []),
    ...(taken.length > 0 ? [`role \`${is.role?.name}\` loses ${list(taken)}`] : []),
    ...(added.length + taken.length === 0
      ? [`role \`${was?.role?.name}\` becomes \`${is.role?.name}\``]
      : []),
  ].join('; ')
}

function picksText(before: Standing | undefined, after: Standing): string {
  const list = (names: readonly string[]): string =>
    names.length === 0 ? 'none' : names.map((name) => `\`${name}\``).join(', ')
  return `may ask by name for ${list(after.picks)}, and could for ${list(before?.picks ?? [])}`
}
