import { isDeepStrictEqual } from 'node:util'
import type { Config } from '../../schemas/config.ts'
import type { Facts } from '../mapping/facts.ts'
import { reach, type Reached } from '../mapping/reach.ts'
import type { Environment, GroupName } from '../resolve/connection.ts'
import type { Because, Kind } from '../resolve/decision.ts'
import type { AccessModel } from '../resolve/model.ts'
import { valueTexts } from '../resolve/user-attribute.ts'
import type { Filter } from '../scim/filter/filter.ts'
import { fold } from '../scim/fold.ts'
import { pathName, type AttrPath } from '../scim/path/path.ts'
import { entry } from './origins.ts'

/** Something recorded that a reason rests on. `what` says it in words. */
export type Ground = { readonly what: string } & (
  | { readonly fact: 'configuration'; readonly key: string }
  | { readonly fact: 'membership'; readonly memberId: string; readonly groupId: string }
  /** That the configuration means this group or this user by a name. */
  | { readonly fact: 'name'; readonly of: 'group' | 'user'; readonly nameKey: string; readonly id: string }
  /** An attribute of the user that somebody sent; without a path, whether the user is active. */
  | { readonly fact: 'attribute'; readonly path: AttrPath | undefined }
  /** What the directory may hand out. */
  | { readonly fact: 'ceiling' }
)

/** What reasons were given about. */
export interface Grounded {
  readonly model: AccessModel
  readonly facts: Facts
  /** The connection that was asked about. */
  readonly connection: string
}

/** What a reason rests on, the configuration before the facts. */
export function groundsOf(reason: Because, about: Grounded): Ground[] {
  const grounds = bySource(reason, about)
  return reason.kind === 'refused' || reason.kind === 'skipped'
    ? [...grounds, ...ceiling(reason, about)]
    : grounds
}

function bySource(reason: Because, about: Grounded): Ground[] {
  if (reason.step === 'user') return reason.kind === 'inactive' ? [active(about)] : []
  if (reason.step === 'environment') return ENVIRONMENT[reason.kind]?.(reason.connection ?? '', about) ?? []
  const { connection, model } = about
  const { source, attribute: reference = '' } = reason
  if (source === undefined) return []
  switch (source) {
    case 'base':
      return [configuration(entry.baseRole(connection), `the base role of \`${connection}\``)]
    case 'default':
      return [configuration(entry.defaultOf(reference), `the default of \`${reference}\``)]
    case 'directory':
      return (model.attributes.get(reference)?.sources ?? [])
        .filter(({ name }) => name === reason.path)
        .map(({ target }) => attribute(target.path))
    case 'rule':
      return rule(reason.rule ?? '', about)
    case 'direct':
      return directGrant(reason, about)
    case 'override':
      return override(reason, about)
    case 'context':
      return []
  }
}

function rule(name: string, about: Grounded): Ground[] {
  const found = about.model.rules.find((one) => one.name === name)
  if (found === undefined) return []
  return [
    configuration(entry.rule(name), `rule \`${name}\``),
    ...(found.group === undefined ? [] : membership(found.group, about)),
    ...(found.when === undefined ? [] : pathsIn(found.when).map(attribute)),
  ]
}

/** How the user is in the group that a name means: the name, and every step on the way to the group. */
function membership({ name, key }: GroupName, { facts }: Grounded): Ground[] {
  const id = facts.bindings.get(key)
  const reached = id === undefined ? undefined : reach(facts.user.id, facts.groups).get(id)
  if (id === undefined || reached === undefined) return []
  return [
    { fact: 'name', of: 'group', nameKey: key, id, what: `\`${name}\` means this group` },
    ...stepsTo(reached, facts).slice(0, LONGEST_WAY),
  ]
}

/** Of a longer way the first steps are told. */
const LONGEST_WAY = 20

/** The memberships that lead to a group, the user's own first. */
function stepsTo(reached: Reached, { user }: Facts): Ground[] {
  const steps: Ground[] = []
  for (let step: Reached | undefined = reached; step; step = step.through) {
    const member = step.through?.group ?? { id: user.id, displayName: user.userName }
    const { id: groupId, displayName } = step.group
    const what = `\`${member.displayName}\` in \`${displayName}\``
    steps.push({ fact: 'membership', memberId: member.id, groupId, what })
  }
  return steps.toReversed()
}

function directGrant(reason: Because, about: Grounded): Ground[] {
  const written = writtenFor(about.model.config.grants, reason, about).find(
    ({ role, on, from }) =>
      role === reason.role &&
      from === reason.from &&
      isDeepStrictEqual(typeof on === 'string' ? { connection: on } : on, reason.on),
  )
  return written === undefined
    ? []
    : [configuration(entry.grant(written), 'the direct grant'), meant(written, about)]
}

function override(reason: Because, about: Grounded): Ground[] {
  const definition = about.model.attributes.get(reason.attribute ?? '')
  const written = writtenFor(about.model.config.overrides, reason, about).find(
    ({ attribute: of, value }) =>
      of === definition?.reference && isDeepStrictEqual(valueTexts(definition, value), reason.values),
  )
  return written === undefined
    ? []
    : [configuration(entry.override(written), 'the override'), meant(written, about)]
}

/** What an administrator wrote for the user with this end and this remark. */
function writtenFor<Written extends Config['grants'][number] | Config['overrides'][number]>(
  entries: readonly Written[],
  reason: Because,
  { facts }: Grounded,
): Written[] {
  return entries.filter(
    ({ user, directory, until, reason: note }) =>
      facts.user.names.includes(fold(user)) &&
      (directory === undefined || fold(directory) === fold(facts.directory.name)) &&
      until === reason.until &&
      note === reason.note,
  )
}

function meant({ user }: { readonly user: string }, { facts }: Grounded): Ground {
  const what = `\`${user}\` means this user`
  return { fact: 'name', of: 'user', nameKey: fold(user), id: facts.user.id, what }
}

/** What the choice of an environment rests on, by the kind of its reason. */
const ENVIRONMENT: { readonly [Of in Kind]?: (to: string, about: Grounded) => Ground[] } = {
  matched: (to, about) => [link(to, about)],
  ambiguous: (to, about) => [link(to, about)],
  first_in_order: (to, about) => [
    link(to, about),
    configuration(entry.ambiguous(about.connection), `what \`${about.connection}\` does with several values`),
  ],
  base: (_, { connection }) => [
    configuration(entry.unmatched(connection), `what \`${connection}\` does without a value`),
  ],
  primary: (_, { connection }) => [
    configuration(entry.attributeOf(connection), `that \`${connection}\` names no attribute`),
  ],
  assignment_off: (_, { connection }) => [
    configuration(entry.assignment(connection), `that dynamic assignment of \`${connection}\` is off`),
  ],
  picked: pick,
  skipped: pick,
}

const link = (to: string, { connection }: Grounded): Ground =>
  configuration(entry.environment(connection, to), `the link to \`${to}\``)

function pick(to: string, about: Grounded): Ground[] {
  const { model, facts, connection } = about
  const place = model.connections.get(connection)?.environments.get(to)
  if (place === undefined) return []
  const granted = configuration(entry.grantTo(connection, to), `who may ask for \`${to}\``)
  const name = facts.user.names.find((one) => place.users.has(one))
  return name === undefined
    ? [granted, ...firstMembership(place, about)]
    : [granted, meant({ user: name }, about)]
}

function firstMembership({ groups }: Environment, about: Grounded): Ground[] {
  return groups.map((group) => membership(group, about)).find((steps) => steps.length > 0) ?? []
}

/** What was asked for by name and is not granted is skipped without a ceiling. */
function ceiling({ directory }: Because, { facts }: Grounded): Ground[] {
  if (directory === undefined) return []
  return [{ fact: 'ceiling', what: `what \`${facts.directory.name}\` may hand out unchanged` }]
}

function active({ facts }: Grounded): Ground {
  return { fact: 'attribute', path: undefined, what: `\`${facts.user.userName}\` deactivated` }
}

const attribute = (path: AttrPath): Ground => ({
  fact: 'attribute',
  path,
  what: `\`${pathName(path)}\` unchanged`,
})

const configuration = (key: string, of: string): Ground => ({
  fact: 'configuration',
  key,
  what: `${of} unchanged`,
})

/** The attributes that a filter looks at, each once. */
function pathsIn(filter: Filter): AttrPath[] {
  const paths = allPaths(filter)
  return [...new Map(paths.map((path) => [pathName(path), path])).values()]
}

function allPaths(filter: Filter): AttrPath[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(allPaths)
    case 'not':
      return allPaths(filter.filter)
    case 'present':
    case 'compare':
    case 'element':
      return [filter.path]
  }
}
