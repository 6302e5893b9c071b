import type { AttributeValues } from '../../schemas/config.ts'
import { canonicalRole } from '../../schemas/roles.ts'
import { valueText } from '../../schemas/user-attribute.ts'
import type { Target } from '../resolve/connection.ts'
import type { AttributeOutput } from '../resolve/decision.ts'
import type { Grant, Mapped, MappedValues } from '../resolve/mapped.ts'
import type { AccessModel } from '../resolve/model.ts'
import { attributeOutput, type UserAttribute } from '../resolve/user-attribute.ts'
import { quoted } from './conditions.ts'

/** What an application says of somebody whom it embeds and no directory knows. */
export interface EmbeddedContext {
  /** The name of a connection → the name of the role there. */
  readonly connectionRoles: Readonly<Record<string, string>>
  /** The name of a model → the name of the role there. */
  readonly modelRoles: Readonly<Record<string, string>>
  /** User attribute values by reference. */
  readonly attributes: Readonly<Record<string, AttributeValues>>
}

/** A place in a context that is not as it should be. */
export interface Wrong {
  readonly path: string
  readonly message: string
}

/**
 * What an embedded context amounts to: its roles and values are those of the maps, and of defaults, alone. The base role
 * of a connection does not count, and only roles that resolve to Viewer or Restricted Querier are given.
 *
 * @returns what is wrong with the context, if anything is
 */
export function mapEmbedded(
  model: AccessModel,
  context: EmbeddedContext,
): { readonly mapped: Mapped } | { readonly wrong: readonly Wrong[] } {
  const wrong: Wrong[] = []
  const grants = new Map<Target, readonly Grant[]>([
    ...grantsOf('connectionRoles', 'connection', context.connectionRoles, model, model.connections, wrong),
    ...grantsOf('modelRoles', 'model', context.modelRoles, model, model.models, wrong),
  ])
  const given = new Map(Object.entries(context.attributes))
  for (const reference of given.keys()) {
    if (!model.attributes.has(reference)) {
      wrong.push({ path: `attributes.${reference}`, message: `there is no user attribute \`${reference}\`` })
    }
  }
  const values = new Map<string, MappedValues>()
  const outputs: [string, AttributeOutput][] = []
  for (const attribute of model.attributes.values()) {
    const found = valuesOf(attribute, given.get(attribute.reference), wrong)
    values.set(attribute.reference, found)
    outputs.push([attribute.reference, attributeOutput(attribute, found.values)])
  }
  if (wrong.length > 0) return { wrong }
  return {
    mapped: {
      user: { id: '', userName: '', active: true },
      attributes: Object.fromEntries(outputs),
      values,
      grants,
      baseCounts: false,
      picks: new Map(),
      validUntil: null,
    },
  }
}

function grantsOf(
  map: string,
  kind: Target['kind'],
  roles: Readonly<Record<string, string>>,
  model: AccessModel,
  targets: ReadonlyMap<string, Target>,
  wrong: Wrong[],
): [Target, Grant[]][] {
  return Object.entries(roles).flatMap(([name, roleName]) => {
    const path = `${map}.${name}`
    const target = targets.get(name)
    const role = model.roles.get(canonicalRole(roleName))
    if (target === undefined) wrong.push({ path, message: `there is no ${kind} \`${name}\`` })
    else if (role === undefined) wrong.push({ path, message: `there is no role \`${roleName}\`` })
    else if (role.tier !== 'viewer' && role.tier !== 'restricted_querier') {
      wrong.push({
        path,
        message: `\`${roleName}\` resolves to \`${role.tier}\`; embedded, only roles that resolve to \`viewer\` or \`restricted_querier\` are allowed`,
      })
    } else {
      const facts = { source: 'context' } as const
      return [[target, [{ state: 'applies', role, target, how: `by \`${map}\` of the context`, facts }]]]
    }
    return []
  })
}

function valuesOf(
  attribute: UserAttribute,
  given: AttributeValues | undefined,
  wrong: Wrong[],
): MappedValues {
  const { reference, multiple, type, defaults } = attribute
  const about = { step: 'attribute', attribute: reference } as const
  if (given === undefined) {
    if (defaults.length === 0) {
      const text = `\`${reference}\` has no value`
      return { values: [], refused: [], because: [{ ...about, kind: 'none', text }] }
    }
    const text = `\`${reference}\` is ${quoted(defaults)}, its default`
    const because = { ...about, kind: 'value', text, source: 'default', values: defaults } as const
    return { values: defaults, refused: [], because: [because] }
  }
  const list = Array.isArray(given) ? given : [given]
  const path = `attributes.${reference}`
  if (list.length > 1 && !multiple) {
    wrong.push({ path, message: `\`${reference}\` takes one value, and here are ${list.length}` })
  }
  const texts = list.map((value) => valueText({ type }, value))
  if (texts.includes(undefined)) wrong.push({ path, message: `\`${reference}\` is a number` })
  const values = [...new Set(texts.filter((text) => text !== undefined))]
  const text = `\`${reference}\` is ${quoted(values)}, given by the context`
  const because = { ...about, kind: 'value', text, source: 'context', values } as const
  return { values, refused: [], because: [because] }
}
