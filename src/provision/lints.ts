import type { Config } from '../../schemas/config.ts'
import { placeOf } from '../../schemas/config-error.ts'
import { createRegistry } from '../../schemas/registry.ts'
import { rolePermissions } from '../../schemas/roles.ts'
import { valueText } from '../../schemas/user-attribute.ts'
import { findAttribute, topAttributes } from '../scim/attribute.ts'
import { fold } from '../scim/fold.ts'
import { secretIn } from './secrets.ts'

/** Something about a configuration that can be applied as it is, and may not be what was meant. */
export interface Finding {
  readonly code: LintCode
  /** A `warning` is about access that somebody gets or lacks; a `note` about what could be tidier. */
  readonly severity: 'warning' | 'note'
  /** `connections[0].environments[1]`. */
  readonly path: string
  readonly message: string
  readonly todo: string
}

/** What a configuration is judged by. */
export interface Linted {
  readonly config: Config
  readonly directories: readonly { readonly name: string }[]
  /** The folded names that the configuration uses of which some directory has the group or the user. */
  readonly bound: { readonly groups: ReadonlySet<string>; readonly users: ReadonlySet<string> }
  /** The names of the secrets that are kept. */
  readonly secrets: ReadonlySet<string>
  /** ISO 8601. */
  readonly now: string
  /** Who ends where; undefined where that is not known, and nothing is said of it. */
  readonly usage?: Usage | undefined
}

/** Who ends where under a configuration. */
export interface Usage {
  readonly people: number
  /** Names of the roles that somebody has on a connection. */
  readonly roles: ReadonlySet<string>
  /** Whether somebody runs on the connection, or on its environment, by a value. */
  leads(connection: string, environment: string, value: string): boolean
}

/** Everything that is found, in the order of the table. */
export function lint(linted: Linted): Finding[] {
  return Object.entries(LINTS).flatMap(([code, { severity, todo, find }]) =>
    find(linted).map(({ path, message }) => ({
      code: code as LintCode,
      severity,
      path: placeOf(path),
      message,
      todo,
    })),
  )
}

/** One thing to look for. */
interface Lint {
  readonly severity: Finding['severity']
  /** What to do about it. */
  readonly todo: string
  find(linted: Linted): readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
}

const LINTS = {
  'default-leads-to-primary': {
    severity: 'warning',
    todo: 'take the default out: who has no value is then denied, with the reason',
    find: ({ config }) =>
      config.userAttributes.flatMap((attribute, i) => {
        const defaults = texts(attribute, attribute.default)
        return config.connections
          .filter(
            ({ environmentAttribute, environments, assignDynamically }) =>
              environmentAttribute === attribute.reference && environments.length > 0 && assignDynamically,
          )
          .filter(({ values }) => texts(attribute, values).some((value) => defaults.includes(value)))
          .map(({ name }) => ({
            path: ['userAttributes', i, 'default'],
            message: `leads everybody without a value to \`${name}\` itself, the most permissive connection`,
          }))
      }),
  },
  'unmatched-runs-as-primary': {
    severity: 'warning',
    todo: 'set it to `deny`, and give those who should get in a value that leads somewhere',
    find: ({ config }) =>
      config.connections.flatMap(({ name, whenUnmatched, environments, assignDynamically }, i) =>
        whenUnmatched === 'base' && environments.length > 0 && assignDynamically
          ? [
              {
                path: ['connections', i, 'whenUnmatched'],
                message: `everybody without a value that leads anywhere runs on \`${name}\` itself, the most permissive connection`,
              },
            ]
          : [],
      ),
  },
  'assignment-off': {
    severity: 'warning',
    todo: 'set it to `true`, and look with `signalbox plan` first at who moves where',
    find: ({ config }) =>
      config.connections.flatMap(({ name, environmentAttribute, environments, assignDynamically }, i) =>
        !assignDynamically && environmentAttribute !== undefined && environments.length > 0
          ? [
              {
                path: ['connections', i, 'assignDynamically'],
                message: `is off: everybody runs on \`${name}\` itself, the most permissive connection, whatever \`${environmentAttribute}\` says, but for those who ask for an environment by name`,
              },
            ]
          : [],
      ),
  },
  'unreachable-environment': {
    severity: 'warning',
    todo: 'give it `values` (and the connection its `environmentAttribute`) or `grantTo`, or take it out',
    find: ({ config }) =>
      config.connections.flatMap(({ name, environmentAttribute, environments }, i) =>
        environments.flatMap(({ connection, values, grantTo }, j) => {
          const picked = (grantTo?.users.length ?? 0) + (grantTo?.groups.length ?? 0) > 0
          if (picked || (environmentAttribute !== undefined && values.length > 0)) return []
          return [
            {
              path: ['connections', i, 'environments', j],
              message: `nobody can reach \`${connection}\`: no value leads from \`${name}\` there, and it is granted to nobody`,
            },
          ]
        }),
      ),
  },
  'closed-connection': {
    severity: 'warning',
    todo: 'give it a `baseRole`, or grant a role on it with a rule',
    find: ({ config }) => {
      const environments = new Set(
        config.connections.flatMap((one) => one.environments.map(({ connection }) => connection)),
      )
      const granted = new Set(
        [...config.rules.flatMap(({ grant }) => (grant === undefined ? [] : [grant])), ...config.grants].map(
          ({ on }) => {
            if (typeof on === 'string') return on
            if ('connection' in on) return on.connection
            return config.models.find(({ name }) => name === on.model)?.connection ?? ''
          },
        ),
      )
      return config.connections.flatMap(({ name, baseRole = 'no_access' }, i) =>
        baseRole !== 'no_access' || granted.has(name) || environments.has(name)
          ? []
          : [{ path: ['connections', i], message: `nobody can get a role on \`${name}\`` }],
      )
    },
  },
  'model-on-environment': {
    severity: 'warning',
    todo: 'build it on the primary connection, whose environments share it, or take it out',
    find: ({ config }) =>
      config.models.flatMap(({ name, connection }, i) => {
        const primary = config.connections.find((one) =>
          one.environments.some((environment) => environment.connection === connection),
        )
        return primary === undefined
          ? []
          : [
              {
                path: ['models', i, 'connection'],
                message: `\`${name}\` is built on \`${connection}\`, an environment of \`${primary.name}\``,
              },
            ]
      }),
  },
  'unknown-group': {
    severity: 'warning',
    todo: 'check the name, or push the group from the identity provider; it counts from then on',
    find: ({ config, bound }) =>
      groupNames(config)
        .filter(({ name }) => !bound.groups.has(fold(name)))
        .map(({ path, name, what }) => ({
          path,
          message: `no directory has a group \`${name}\` yet, so the ${what} waits for one`,
        })),
  },
  'unknown-user': {
    severity: 'warning',
    todo: 'check the user name, or take the entry out',
    find: ({ config, bound }) =>
      userNames(config)
        .filter(({ name }) => !bound.users.has(fold(name)))
        .map(({ path, name }) => ({ path, message: `no directory has a user \`${name}\` yet` })),
  },
  'missing-secret': {
    severity: 'warning',
    todo: 'keep one with `signalbox secret set <name>`',
    find: ({ config, secrets }) =>
      config.connections.flatMap(({ url }, i) => {
        const name = secretIn(url)
        return name === undefined || secrets.has(name)
          ? []
          : [{ path: ['connections', i, 'url'], message: `there is no secret \`${name}\` yet` }]
      }),
  },
  'group-of-any-directory': {
    severity: 'warning',
    todo: 'name the `directory` whose group is meant',
    find: ({ config, directories }) =>
      config.rules.flatMap(({ group, directory }, i) =>
        group !== undefined && directory === undefined && directories.length > 1
          ? [
              {
                path: ['rules', i, 'directory'],
                message: `is missing, so a group \`${group}\` of any of the ${directories.length} directories is meant`,
              },
            ]
          : [],
      ),
  },
  'outranked-rule': {
    severity: 'warning',
    todo: 'take it out, or put it before the other one',
    find: ({ config }) =>
      config.rules.flatMap((rule, i) => {
        const set = Object.keys(rule.set ?? {})
        if (rule.grant !== undefined || set.length === 0) return []
        const earlier = config.rules
          .slice(0, i)
          .find(
            (other) =>
              coversRule(other, rule) &&
              set.every((reference) => texts({ type: 'string' }, other.set?.[reference]).length > 0),
          )
        return earlier === undefined
          ? []
          : [
              {
                path: ['rules', i],
                message: `never decides anything: \`${earlier.name}\` comes first and applies to everybody it applies to`,
              },
            ]
      }),
  },
  'needless-without': {
    severity: 'warning',
    todo: 'take it out, or check the `tier`',
    find: ({ config }) =>
      config.roles.flatMap(({ tier, without = [] }, i) => {
        const whole = rolePermissions({ tier })
        return without.flatMap((id, k) =>
          tier === undefined || whole.includes(id)
            ? []
            : [
                {
                  path: ['roles', i, 'without', k],
                  message: `says nothing: the tier \`${tier}\` has no \`${id}\` anyway`,
                },
              ],
        )
      }),
  },
  'ended-entry': {
    severity: 'warning',
    todo: 'take it out, or give it a later end',
    find: ({ config, now }) =>
      (['rules', 'grants', 'overrides'] as const).flatMap((section) =>
        config[section].flatMap((entry, i) => {
          const { until } = entry
          if (until === undefined || Date.parse(until) > Date.parse(now)) return []
          const whose = 'user' in entry ? `ended for \`${entry.user}\`` : `\`${entry.name}\` ended`
          return [{ path: [section, i, 'until'], message: `${whose} at ${until}` }]
        }),
      ),
  },
  'unused-value': {
    severity: 'note',
    todo: 'check its spelling against what identity providers send, or take it out',
    find: ({ config, usage }) => {
      if (usage === undefined || usage.people === 0) return []
      return config.connections.flatMap((connection, i) => {
        if (!connection.assignDynamically) return []
        const attribute = config.userAttributes.find(
          ({ reference }) => reference === connection.environmentAttribute,
        )
        const places = [
          { path: ['connections', i, 'values'], to: connection.name, values: connection.values },
          ...connection.environments.map(({ connection: to, values }, j) => ({
            path: ['connections', i, 'environments', j, 'values'],
            to,
            values,
          })),
        ]
        return places.flatMap(({ path, to, values }) =>
          values.flatMap((value, k) =>
            texts(attribute ?? { type: 'string' }, value).some((text) =>
              usage.leads(connection.name, to, text),
            )
              ? []
              : [{ path: [...path, k], message: `nobody gets to \`${to}\` by the value \`${value}\`` }],
          ),
        )
      })
    },
  },
  'unheld-role': {
    severity: 'note',
    todo: 'grant it to somebody, or take it out',
    find: ({ config, usage }) => {
      if (usage === undefined || usage.people === 0) return []
      // Decisions on models are not counted.
      const onModels = new Set(
        [...config.rules.flatMap(({ grant }) => (grant === undefined ? [] : [grant])), ...config.grants]
          .filter(({ on }) => typeof on !== 'string' && 'model' in on)
          .map(({ role }) => role),
      )
      return config.roles.flatMap(({ name }, i) =>
        usage.roles.has(name) || onModels.has(name)
          ? []
          : [{ path: ['roles', i], message: `nobody has the role \`${name}\` on any connection` }],
      )
    },
  },
  'unwritten-directory': {
    severity: 'warning',
    todo: 'write it down, or end it with `signalbox directory remove`',
    find({ config, directories }) {
      const written = new Set(config.directories.map(({ name }) => fold(name)))
      return (config.directories.length === 0 ? [] : directories)
        .filter(({ name }) => !written.has(fold(name)))
        .map(({ name }) => ({
          path: ['directories'],
          message: `\`${name}\` is not in the document and stays, with its people; \`signalbox directory remove\` ends it`,
        }))
    },
  },
  'core-attribute-name': {
    severity: 'warning',
    todo: 'give it another name',
    find: ({ config }) =>
      config.extensions.flatMap(({ attributes }, i) =>
        attributes.flatMap(({ name }, j) =>
          findAttribute(topAttributes(core), name) === undefined
            ? []
            : [
                {
                  path: ['extensions', i, 'attributes', j, 'name'],
                  message: `\`${name}\` is an attribute of every user too; identity providers are easily given the wrong one`,
                },
              ],
        ),
      ),
  },
} as const satisfies Record<string, Lint>

export type LintCode = keyof typeof LINTS
/** What can be found. */
export const LINT_CODES = Object.keys(LINTS) as LintCode[]

const core = createRegistry([]).resourceType('User')

type Rule = Config['rules'][number]

/** Whether one rule applies to everybody to whom another one does. */
function coversRule(one: Rule, other: Rule): boolean {
  const covers = (wide: string | undefined, narrow: string | undefined): boolean =>
    wide === undefined || (narrow !== undefined && fold(wide) === fold(narrow))
  return (
    covers(one.directory, other.directory) &&
    covers(one.group, other.group) &&
    (one.when === undefined || one.when === other.when) &&
    (one.from === undefined ||
      (other.from !== undefined && Date.parse(one.from) <= Date.parse(other.from))) &&
    (one.until === undefined ||
      (other.until !== undefined && Date.parse(one.until) >= Date.parse(other.until)))
  )
}

/** Configured values as they are compared. */
function texts(attribute: { readonly type: 'string' | 'number' }, values: unknown): string[] {
  const list = (Array.isArray(values) ? values : [values]) as (string | number | undefined)[]
  return list
    .map((value) => (value === undefined ? undefined : valueText(attribute, value)))
    .filter((text) => text !== undefined)
}

interface NamedPlace {
  readonly path: readonly PropertyKey[]
  readonly name: string
}

function groupNames({ rules, connections }: Config): (NamedPlace & { readonly what: string })[] {
  return [
    ...rules.flatMap(({ group }, i) =>
      group === undefined ? [] : [{ path: ['rules', i, 'group'], name: group, what: 'rule' }],
    ),
    ...grantTos(connections).flatMap(({ path, grantTo }) =>
      grantTo.groups.map((name, k) => ({ path: [...path, 'groups', k], name, what: 'grant' })),
    ),
  ]
}

function userNames({ grants, overrides, protectedUsers, connections }: Config): NamedPlace[] {
  return [
    ...grants.map(({ user }, i) => ({ path: ['grants', i, 'user'], name: user })),
    ...overrides.map(({ user }, i) => ({ path: ['overrides', i, 'user'], name: user })),
    ...protectedUsers.map(({ user }, i) => ({ path: ['protectedUsers', i, 'user'], name: user })),
    ...grantTos(connections).flatMap(({ path, grantTo }) =>
      grantTo.users.map((name, k) => ({ path: [...path, 'users', k], name })),
    ),
  ]
}

type GrantTo = NonNullable<Config['connections'][number]['grantTo']>

function grantTos(connections: Config['connections']): { path: readonly PropertyKey[]; grantTo: GrantTo }[] {
  return connections.flatMap((connection, i) =>
    [
      { path: ['connections', i, 'grantTo'], grantTo: connection.grantTo },
      ...connection.environments.map(({ grantTo }, j) => ({
        path: ['connections', i, 'environments', j, 'grantTo'],
        grantTo,
      })),
    ].flatMap(({ path, grantTo }) => (grantTo === undefined ? [] : [{ path, grantTo }])),
  )
}
