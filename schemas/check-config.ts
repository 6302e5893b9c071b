import type { AttributeValues, Config, GrantTarget } from './config.ts'
import { type ConfigError, placeOf } from './config-error.ts'
import { USER_ATTRIBUTE_URN, valueText } from './user-attribute.ts'
import {
  corePermission,
  findPermission,
  isBaseRole,
  resolvedTier,
  rolePermissions,
  roleTier,
  type Tier,
  TIERS,
  unmetNeeds,
} from './roles.ts'

type Connection = Config['connections'][number]
type UserAttribute = Config['userAttributes'][number]
type Report = (path: readonly PropertyKey[], message: string) => void

/** The rules that span several places of a configuration: everything that is named must be there, once. */
export function checkConfig(config: Config): ConfigError[] {
  const errors: ConfigError[] = []
  const report: Report = (path, message) => errors.push({ path: placeOf(path), message })
  const known: Known = {
    attributes: new Map(config.userAttributes.map((attribute) => [attribute.reference, attribute])),
    connections: new Map(config.connections.map((connection) => [connection.name, connection])),
    models: new Set(config.models.map((model) => model.name)),
    roles: new Set([...TIERS, ...config.roles.map((role) => role.name)]),
  }
  checkDirectories(config, known, report)
  checkExtensions(config, report)
  checkUserAttributes(config, report)
  checkRoles(config, report)
  checkRoleOrder(config, report)
  checkConnections(config, known, report)
  checkModels(config, known, report)
  checkRules(config, known, report)
  checkGrants(config, known, report)
  checkOverrides(config, known, report)
  return errors
}

interface Known {
  readonly attributes: ReadonlyMap<string, UserAttribute>
  readonly connections: ReadonlyMap<string, Connection>
  readonly models: ReadonlySet<string>
  readonly roles: ReadonlySet<string>
}

function checkDirectories({ directories }: Config, known: Known, report: Report): void {
  once(
    ['directories'],
    'name',
    'directory',
    directories.map(({ name }) => name),
    report,
  )
  directories.forEach(({ mayGrant }, at) => {
    for (const [reference, values] of Object.entries(mayGrant?.attributes ?? {})) {
      checkAttribute(
        ['directories', at, 'mayGrant', 'attributes', reference],
        reference,
        values,
        known,
        report,
      )
    }
  })
}

function checkExtensions({ extensions, userAttributeAliases }: Config, report: Report): void {
  const taken = new Set([USER_ATTRIBUTE_URN.toLowerCase()])
  const claim = (path: readonly PropertyKey[], urn: string): void => {
    if (/^urn:ietf:params:scim:(?:schemas:(?:core|extension:enterprise)|api):/i.test(urn)) {
      report(path, `\`${urn}\` is defined by SCIM itself`)
    } else if (taken.has(urn.toLowerCase())) {
      report(path, `\`${urn}\` stands twice`)
    }
    taken.add(urn.toLowerCase())
  }
  extensions.forEach(({ urn, attributes }, at) => {
    claim(['extensions', at, 'urn'], urn)
    once(
      ['extensions', at, 'attributes'],
      'name',
      'attribute',
      attributes.map(({ name }) => name),
      report,
    )
    attributes.forEach((attribute, index) => {
      for (const { setting, message } of contradictions(attribute)) {
        report(['extensions', at, 'attributes', index, setting], message)
      }
    })
  })
  userAttributeAliases.forEach((urn, at) => claim(['userAttributeAliases', at], urn))
}

type ExtensionAttribute = Config['extensions'][number]['attributes'][number]

interface Contradiction {
  readonly setting: keyof ExtensionAttribute
  readonly message: string
}

/** What cannot be true of one attribute (RFC 7643 §2.3, §7), or is not kept by the store. */
function contradictions(attribute: ExtensionAttribute): Contradiction[] {
  const { type, mutability, required, caseExact, uniqueness, matching, referenceTypes } = attribute
  const returned = attribute.returned ?? (mutability === 'writeOnly' ? 'never' : 'default')
  const unfit = unfitForLookUp(attribute, returned)
  const found: (Contradiction | false)[] = [
    mutability === 'writeOnly' &&
      returned !== 'never' && { setting: 'returned', message: 'should be `never`, since it is `writeOnly`' },
    returned === 'never' &&
      required === true && {
        setting: 'required',
        message: 'should not stand here: what is `never` returned is not kept, so it would always be missing',
      },
    returned === 'never' &&
      mutability === 'immutable' && {
        setting: 'mutability',
        message:
          'should not be `immutable`: what is `never` returned is not kept, so it cannot stay as it is',
      },
    mutability === 'readOnly' &&
      required === true && {
        setting: 'required',
        message: 'should not stand here: it is `readOnly`, so no client could set it',
      },
    (type === 'reference' || type === 'binary') &&
      caseExact === false && { setting: 'caseExact', message: `should be \`true\` for the type \`${type}\`` },
    uniqueness === 'global' && {
      setting: 'uniqueness',
      message:
        'should be `server`: nothing is compared across directories, so no value is unique beyond its own',
    },
    uniqueness === 'server' &&
      unfit !== undefined && { setting: 'uniqueness', message: `should be \`none\`: ${unfit}` },
    matching === true &&
      unfit !== undefined && { setting: 'matching', message: `should not stand here: ${unfit}` },
    type !== 'reference' &&
      referenceTypes !== undefined && {
        setting: 'referenceTypes',
        message: 'should not stand here: the type is not `reference`',
      },
  ]
  return found.filter((each) => each !== false)
}

/** Why nobody can be found by the values of an attribute; undefined when people can. */
function unfitForLookUp({ type, mutability }: ExtensionAttribute, returned: string): string | undefined {
  if (returned === 'never') return 'what is `never` returned is not kept'
  if (mutability === 'readOnly') return 'it is `readOnly`, so no client could set it'
  // RFC 7643 §2.3.2, §2.3.5 and §2.3.6.
  const tellsNobodyApart = type === 'boolean' || type === 'dateTime' || type === 'binary'
  return tellsNobodyApart ? `values of the type \`${type}\` have no uniqueness` : undefined
}

function checkUserAttributes({ userAttributes }: Config, report: Report): void {
  once(
    ['userAttributes'],
    'reference',
    'user attribute',
    userAttributes.map(({ reference }) => reference),
    report,
  )
  const taken = new Set(userAttributes.map(({ reference }) => reference.toLowerCase()))
  userAttributes.forEach((attribute, at) => {
    if (attribute.default !== undefined) {
      checkValues(['userAttributes', at, 'default'], attribute, attribute.default, report)
    }
    for (const [sent, meant] of Object.entries(attribute.valueMap)) {
      checkValues(['userAttributes', at, 'valueMap', sent], attribute, meant, report)
    }
    attribute.formerly.forEach((name, index) => {
      if (taken.has(name.toLowerCase()))
        report(['userAttributes', at, 'formerly', index], `\`${name}\` is a name of a user attribute already`)
      taken.add(name.toLowerCase())
    })
  })
}

function checkRoles({ roles }: Config, report: Report): void {
  once(
    ['roles'],
    'name',
    'role',
    roles.map(({ name }) => name),
    report,
  )
  roles.forEach((role, at) => {
    const path = ['roles', at] as const
    if (isBaseRole(role.name))
      report([...path, 'name'], `\`${role.name}\` is a base role, which cannot be changed`)
    if (role.tier === 'no_access') report([...path, 'tier'], 'should be a tier above `no_access`')
    if (role.permissions && role.without) {
      report([...path, 'without'], 'should not stand beside `permissions`: use one of them')
      return
    }
    if (!role.permissions && !role.tier) {
      report(path, 'should have `permissions`, or a `tier` and what the role lacks of it in `without`')
      return
    }
    checkPermissions(path, role, report)
  })
}

type Role = Config['roles'][number]

function checkPermissions(path: readonly PropertyKey[], role: Role, report: Report): void {
  const list = role.permissions ? 'permissions' : 'without'
  const listed = role[list] ?? []
  listed.forEach((id, index) => {
    if (!findPermission(id)) report([...path, list, index], `\`${id}\` is not a permission`)
  })
  const held = rolePermissions(role)
  for (const { permission, needs } of unmetNeeds(held)) {
    const index = listed.indexOf(role.permissions ? permission : needs)
    report([...path, list, index], `\`${permission}\` needs ${needed(permission, needs)}, which is missing`)
  }
  const resolved = resolvedTier(held)
  if (role.tier === 'no_access') return
  if (resolved === 'no_access') {
    const core = corePermission(role.tier ?? 'viewer')
    report([...path, list], `should leave the role \`${core}\`, without which it gives no access`)
  } else if (role.tier !== undefined && resolved !== role.tier) {
    const core = corePermission(role.tier)
    report(
      [...path, 'tier'],
      `is \`${role.tier}\`, and the permissions amount to \`${resolved}\`: leave \`tier\` out, or see to it that \`${core}\` is the highest core permission`,
    )
  }
}

/** What a permission lacks: its parent, or the core permission of a lower tier. */
function needed(permission: string, needs: string): string {
  if (findPermission(permission)?.parent === needs) return `its parent \`${needs}\``
  return `\`${needs}\`, the core permission of \`${findPermission(needs)?.tier}\``
}

function checkRoleOrder({ roles, roleOrder }: Config, report: Report): void {
  for (const tier of TIERS) {
    const names = roleOrder[tier] ?? []
    once(['roleOrder', tier], undefined, 'role', names, report)
    names.forEach((name, at) => {
      const found = isBaseRole(name) ? name : tierOf(roles, name)
      if (!found) report(['roleOrder', tier, at], undefinedName('roles', name))
      else if (found !== tier) report(['roleOrder', tier, at], `\`${name}\` is a role of tier \`${found}\``)
    })
  }
}

function tierOf(roles: readonly Role[], name: string): Tier | undefined {
  const role = roles.find((one) => one.name === name)
  return role && roleTier(role)
}

function checkConnections({ connections }: Config, known: Known, report: Report): void {
  once(
    ['connections'],
    'name',
    'connection',
    connections.map(({ name }) => name),
    report,
  )
  connections.forEach((connection, at) => {
    const path = ['connections', at] as const
    if (connection.baseRole) checkRole([...path, 'baseRole'], connection.baseRole, known, report)
    checkEnvironments(path, connection, known, report)
    checkRouting(path, connection, known, report)
  })
}

function checkEnvironments(
  path: readonly PropertyKey[],
  primary: Connection,
  known: Known,
  report: Report,
): void {
  const seen = new Set<string>()
  primary.environments.forEach(({ connection: name }, index) => {
    const place = [...path, 'environments', index, 'connection']
    const found = known.connections.get(name)
    if (name === primary.name) report(place, `\`${name}\` is the primary connection itself`)
    else if (seen.has(name)) report(place, `\`${name}\` is already an environment of \`${primary.name}\``)
    else if (!found) report(place, undefinedName('connections', name))
    else if (found.dialect !== primary.dialect) {
      report(
        place,
        `should have the dialect \`${primary.dialect}\` of \`${primary.name}\`, not \`${found.dialect}\``,
      )
    }
    seen.add(name)
  })
}

/** Which value leads where: the attribute is defined and a value stands once per primary connection. */
function checkRouting(path: readonly PropertyKey[], primary: Connection, known: Known, report: Report): void {
  const reference = primary.environmentAttribute
  const attribute = reference === undefined ? undefined : known.attributes.get(reference)
  if (reference !== undefined && !attribute) {
    report([...path, 'environmentAttribute'], noAttribute(reference, known))
    return
  }
  const leads = new Map<string, string>()
  const places = [
    { path: [...path, 'values'], connection: primary.name, values: primary.values },
    ...primary.environments.map(({ connection, values }, index) => ({
      path: [...path, 'environments', index, 'values'],
      connection,
      values,
    })),
  ]
  for (const { path: list, connection, values } of places) {
    if (!attribute && values.length > 0) {
      report(list, 'should not stand without `environmentAttribute`, which says whose values they are')
      continue
    }
    values.forEach((value, index) => {
      const text = attribute ? valueText(attribute, value) : undefined
      if (text === undefined) report([...list, index], expected(attribute))
      else if (leads.has(text))
        report([...list, index], `\`${text}\` already leads to \`${leads.get(text)}\``)
      else leads.set(text, connection)
    })
  }
}

function checkModels({ models }: Config, known: Known, report: Report): void {
  once(
    ['models'],
    'name',
    'model',
    models.map(({ name }) => name),
    report,
  )
  models.forEach(({ connection }, at) => {
    checkConnection(['models', at, 'connection'], connection, known, report)
  })
}

function checkRules({ rules }: Config, known: Known, report: Report): void {
  once(
    ['rules'],
    'name',
    'rule',
    rules.map(({ name }) => name),
    report,
  )
  rules.forEach((rule, at) => {
    const path = ['rules', at] as const
    if (rule.group === undefined && rule.when === undefined) {
      report(path, 'should have `group`, `when` or both: whom it applies to')
    }
    if (!rule.grant && Object.keys(rule.set ?? {}).length === 0) {
      report(path, 'should have `grant`, `set` or both: what it gives')
    }
    if (rule.grant) {
      checkRole([...path, 'grant', 'role'], rule.grant.role, known, report)
      checkTarget([...path, 'grant', 'on'], rule.grant.on, known, report)
    }
    for (const [reference, values] of Object.entries(rule.set ?? {})) {
      checkAttribute([...path, 'set', reference], reference, values, known, report)
    }
    checkPeriod(path, rule, report)
  })
}

function checkGrants({ grants }: Config, known: Known, report: Report): void {
  grants.forEach((grant, at) => {
    const path = ['grants', at] as const
    checkRole([...path, 'role'], grant.role, known, report)
    checkTarget([...path, 'on'], grant.on, known, report)
    checkPeriod(path, grant, report)
  })
}

function checkPeriod(
  path: readonly PropertyKey[],
  { from, until }: { readonly from?: string | undefined; readonly until?: string | undefined },
  report: Report,
): void {
  if (from && until && Date.parse(from) >= Date.parse(until)) {
    report([...path, 'until'], 'should be later than `from`')
  }
}

function checkOverrides({ overrides }: Config, known: Known, report: Report): void {
  const taken = new Set<string>()
  overrides.forEach(({ user, directory, attribute, value }, at) => {
    const path = ['overrides', at] as const
    const attributePath = [...path, 'attribute']
    const found = known.attributes.get(attribute)
    if (!found) report(attributePath, noAttribute(attribute, known))
    else checkValues([...path, 'value'], found, value, report)
    const key = JSON.stringify([user.toLowerCase(), directory?.toLowerCase(), attribute])
    if (taken.has(key)) report(path, `\`${user}\` already has an override of \`${attribute}\``)
    taken.add(key)
  })
}

function checkAttribute(
  path: readonly PropertyKey[],
  reference: string,
  values: AttributeValues,
  known: Known,
  report: Report,
): void {
  const attribute = known.attributes.get(reference)
  if (!attribute) report(path, noAttribute(reference, known))
  else if (path.includes('mayGrant')) checkValues(path, { ...attribute, multiple: true }, values, report)
  else checkValues(path, attribute, values, report)
}

function checkValues(
  path: readonly PropertyKey[],
  attribute: UserAttribute,
  values: AttributeValues,
  report: Report,
): void {
  if (!Array.isArray(values)) {
    if (valueText(attribute, values) === undefined) report(path, expected(attribute))
    return
  }
  if (!attribute.multiple)
    report(path, `should be one value: \`${attribute.reference}\` does not take several`)
  values.forEach((value, index) => {
    if (valueText(attribute, value) === undefined) report([...path, index], expected(attribute))
  })
}

/** One that was renamed is told by its name of now. */
function noAttribute(reference: string, { attributes }: Known): string {
  const renamed = [...attributes.values()].find(({ formerly }) => formerly.includes(reference))
  return renamed === undefined
    ? undefinedName('userAttributes', reference)
    : `there is no user attribute \`${reference}\`: it is called \`${renamed.reference}\` now`
}

function undefinedName(section: keyof typeof DEFINED, name: string): string {
  return `there is no ${DEFINED[section]} \`${name}\`: define it in \`${section}\`, or take it out here`
}

/** What the sections define that other places name. */
const DEFINED = {
  userAttributes: 'user attribute',
  roles: 'role',
  connections: 'connection',
  models: 'model',
} as const

function checkRole(path: readonly PropertyKey[], name: string, known: Known, report: Report): void {
  if (!known.roles.has(name)) report(path, undefinedName('roles', name))
}

function checkConnection(path: readonly PropertyKey[], name: string, known: Known, report: Report): void {
  if (!known.connections.has(name)) report(path, undefinedName('connections', name))
}

function checkTarget(path: readonly PropertyKey[], on: GrantTarget, known: Known, report: Report): void {
  if (typeof on === 'string' && !known.connections.has(on) && known.models.has(on)) {
    report(
      path,
      `there is no connection \`${on}\`, but a model: write \`{ model: ${on} }\`, or \`--on-model\` on the command line`,
    )
  } else if (typeof on === 'string') checkConnection(path, on, known, report)
  else if ('connection' in on) checkConnection([...path, 'connection'], on.connection, known, report)
  else if (!known.models.has(on.model)) report([...path, 'model'], undefinedName('models', on.model))
}

/** Reports every name that stands twice in a list; names that differ only by case are the same name. */
function once(
  list: readonly PropertyKey[],
  key: string | undefined,
  what: string,
  names: readonly string[],
  report: Report,
): void {
  const seen = new Set<string>()
  names.forEach((name, at) => {
    if (seen.has(name.toLowerCase())) {
      if (key === undefined) report([...list, at], `\`${name}\` stands twice`)
      else report([...list, at, key], `\`${name}\` is already the name of another ${what}`)
    }
    seen.add(name.toLowerCase())
  })
}

function expected(attribute: UserAttribute | undefined): string {
  return attribute?.type === 'number' ? 'should be a number' : 'should be a text that is not empty'
}
