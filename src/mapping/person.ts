import { isUpTo, type Tier } from '../../schemas/roles.ts'
import { valueText } from '../../schemas/user-attribute.ts'
import type { Detail } from '../resolve/decision.ts'
import type { AccessModel } from '../resolve/model.ts'
import type { Noted, Period, Rule } from '../resolve/rule.ts'
import { evaluate } from '../scim/filter/evaluate.ts'
import { fold } from '../scim/fold.ts'
import type { Facts } from './facts.ts'
import { reach, type Reached, wayTo } from './reach.ts'

/** The facts about one user, looked up in the ways that mapping needs. */
export interface Person {
  readonly facts: Facts
  /** Folded. */
  readonly directory: string
  /** In milliseconds. */
  readonly at: number
  readonly reached: ReadonlyMap<string, Reached>
  /** The rules whose conditions are met, in their order, those of another time included. */
  readonly rules: readonly AppliedRule[]
}

/** A rule whose conditions somebody meets: `by rule … (member of …)`, in words and as facts. */
export interface AppliedRule {
  readonly rule: Rule
  /** Whether now is its time. */
  readonly state: TimeState
  readonly how: string
  readonly facts: Detail
}

/** Membership in a bound group: `member of …`, in words and as facts. */
export interface Membership {
  readonly how: string
  readonly facts: Detail
}

export function readPerson(model: AccessModel, facts: Facts): Person {
  const person = {
    facts,
    directory: fold(facts.directory.name),
    at: Date.parse(facts.at),
    reached: reach(facts.user.id, facts.groups),
  }
  const rules: AppliedRule[] = []
  for (const rule of model.rules) {
    const applied = applyRule(rule, person)
    if (applied) rules.push(applied)
  }
  return { ...person, rules }
}

function applyRule(rule: Rule, person: Omit<Person, 'rules'>): AppliedRule | undefined {
  if (!ofDirectory(rule, person)) return undefined
  const membership = rule.group && memberOf(person, rule.group)
  if (rule.group && !membership) return undefined
  if (rule.when && !evaluate(rule.when, person.facts.user.resource)) return undefined
  const reason = membership?.how ?? 'its filter matches'
  return {
    rule,
    state: timeState(rule.period, person),
    how: `by rule \`${rule.name}\` (${reason})${remark(rule.facts)}`,
    facts: { source: 'rule', rule: rule.name, ...membership?.facts, ...rule.facts },
  }
}

/** Whether what an administrator wrote for one directory, or for all, speaks of this person. */
export function ofDirectory(
  { directory }: { readonly directory: string | undefined },
  person: Pick<Person, 'directory'>,
): boolean {
  return directory === undefined || directory === person.directory
}

/** Whether the configuration protects somebody from losing access by what a directory sends. */
export function isProtected(
  { protectedUsers }: AccessModel,
  user: Pick<Facts['user'], 'names'>,
  directory: Pick<Facts['directory'], 'name'>,
): boolean {
  if (protectedUsers.size === 0) return false
  const place = { directory: fold(directory.name) }
  return user.names.some((name) => protectedUsers.get(name)?.some((one) => ofDirectory(one, place)))
}

/** What an administrator wrote for this person, under every name by which the person is meant. */
export function writtenFor<T>(
  entries: ReadonlyMap<string, readonly T[]>,
  { facts }: Pick<Person, 'facts'>,
): readonly T[] {
  return facts.user.names.flatMap((name) => entries.get(name) ?? [])
}

/** How a person is in the group that the configuration means by a name; undefined when not, or when it is unbound. */
export function memberOf(
  person: Pick<Person, 'facts' | 'reached'>,
  { name, key }: { readonly name: string; readonly key: string },
): Membership | undefined {
  const id = person.facts.bindings.get(key)
  const reached = id === undefined ? undefined : person.reached.get(id)
  if (!reached) return undefined
  const group = reached.group.displayName
  const through = wayTo(reached)
  const renamed = fold(group) === key ? '' : `, now called \`${group}\``
  const way = through.map((between) => `\`${between}\`, which is in `).join('')
  return {
    how: `member of ${way}\`${name}\`${renamed}`,
    facts: through.length > 0 ? { group, through } : { group },
  }
}

/** Whether the directory's ceiling lets its data hand out roles of a tier. */
export function mayGrantTier({ facts }: Pick<Person, 'facts'>, tier: Tier): boolean {
  return isUpTo(tier, facts.directory.mayGrant?.upTo)
}

/** The values of an attribute that the directory's data may hand out; undefined when there is no ceiling. */
export function grantableValues(
  { facts }: Pick<Person, 'facts'>,
  attribute: { readonly reference: string; readonly type: 'string' | 'number' },
): readonly (string | undefined)[] | undefined {
  const lists = facts.directory.mayGrant?.attributes
  // A reference may be the name of something that every object has, such as `constructor`.
  if (!lists || !Object.hasOwn(lists, attribute.reference)) return undefined
  return lists[attribute.reference]?.map((value) => valueText(attribute, value))
}

/** ` until 2027-01-31T00:00:00Z (on call)`: what an administrator wrote beside something, in words. */
export function remark({ until, note }: Noted): string {
  const end = until === undefined ? '' : ` until ${until}`
  return note === undefined ? end : `${end} (${note})`
}

export type TimeState = 'applies' | 'expired' | 'pending'

export function timeState({ from, until }: Period, { at }: Pick<Person, 'at'>): TimeState {
  if (at >= until) return 'expired'
  return at < from ? 'pending' : 'applies'
}
