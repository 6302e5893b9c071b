import { valueText } from '../../schemas/user-attribute.ts'
import type { Because, Detail } from '../resolve/decision.ts'
import type { MappedValues } from '../resolve/mapped.ts'
import type { AccessModel } from '../resolve/model.ts'
import type { Override } from '../resolve/rule.ts'
import type { UserAttribute } from '../resolve/user-attribute.ts'
import {
  grantableValues,
  ofDirectory,
  type Person,
  remark,
  timeState,
  type TimeState,
  writtenFor,
} from './person.ts'
import { valuesAt } from './values-at.ts'

/**
 * The values of one attribute with their reasons. The strongest source that has anything to say decides: what it
 * says and may not hand out is refused, and no weaker source steps in.
 */
export function mapValues(attribute: UserAttribute, person: Person, model: AccessModel): MappedValues {
  const overrides = writtenFor(model.overrides, person).filter(
    (override) => override.attribute === attribute.reference && ofDirectory(override, person),
  )
  const rules = ruleCandidates(attribute, person)
  const candidates = [
    ...overrides.filter(({ period }) => timeState(period, person) === 'applies').map(fromOverride),
    ...fromDirectory(attribute, person),
    ...rules.filter(({ state }) => state === 'applies'),
    ...fromDefault(attribute),
  ]
  const [strongest, ...weaker] = candidates
  const otherTimes = [
    ...overrides
      .filter(({ period }) => timeState(period, person) === 'expired')
      .map((override) => expired(attribute, override)),
    ...rules.filter(({ state }) => state !== 'applies').map((candidate) => ofOtherTime(attribute, candidate)),
  ]
  if (!strongest) {
    const text = `\`${attribute.reference}\` has no value`
    return { values: [], refused: [], because: [{ ...about(attribute), kind: 'none', text }, ...otherTimes] }
  }
  const judged = judge(attribute, strongest, person)
  const outranked = weaker
    .filter(({ source }) => source !== 'default')
    .map((candidate) => outrankedBy(attribute, candidate, strongest))
  return { ...judged, because: [...judged.because, ...outranked, ...otherTimes] }
}

/** What one source says about an attribute. */
interface Candidate {
  readonly source: 'override' | 'directory' | 'rule' | 'default'
  readonly values: readonly string[]
  /** What was sent and is no value of the attribute's type. */
  readonly invalid: readonly string[]
  /** Where it comes from: `sent by directory … in …`. */
  readonly how: string
  readonly facts: Detail
}

function fromOverride({ values, facts }: Override): Candidate {
  return { source: 'override', values, invalid: [], how: `set by an override${remark(facts)}`, facts }
}

function fromDirectory(attribute: UserAttribute, person: Person): Candidate[] {
  const directory = person.facts.directory.name
  return attribute.sources.flatMap(({ target, name }) => {
    const sent = valuesAt(target, person.facts.user.resource)
      .map((value) => String(value).trim())
      .filter((text) => text !== '')
      .toSorted()
    if (sent.length === 0) return []
    const values = new Set<string>()
    const invalid: string[] = []
    const translated: string[] = []
    for (const text of sent) {
      const meant = attribute.valueMap.get(text)
      const value = meant ?? valueText(attribute, text)
      if (meant !== undefined) translated.push(text)
      if (value === undefined) invalid.push(text)
      else values.add(value)
    }
    const mapped = translated.length > 0 ? ` as ${quoted(translated)}` : ''
    return {
      source: 'directory',
      values: [...values],
      invalid,
      how: `sent by directory \`${directory}\`${mapped} in \`${name}\``,
      facts: { directory, path: name, ...(mapped ? { sent: translated } : {}) },
    }
  })
}

interface RuleCandidate extends Candidate {
  readonly state: TimeState
}

function ruleCandidates({ reference }: UserAttribute, person: Person): RuleCandidate[] {
  return person.rules.flatMap(({ rule, state, how, facts }) => {
    const values = rule.set.get(reference)
    return values && values.length > 0
      ? { source: 'rule', state, values, invalid: [], how: `set ${how}`, facts }
      : []
  })
}

function fromDefault({ defaults }: UserAttribute): Candidate[] {
  if (defaults.length === 0) return []
  return [{ source: 'default', values: defaults, invalid: [], how: 'its default', facts: {} }]
}

function judge(attribute: UserAttribute, candidate: Candidate, person: Person): MappedValues {
  const { source, values, invalid, how, facts } = candidate
  // The data of a directory decides directory values and who a rule applies to.
  const bounded = source === 'directory' || source === 'rule'
  const ceiling = bounded ? grantableValues(person, attribute) : undefined
  const allowed = ceiling ? values.filter((value) => ceiling.includes(value)) : values
  const refused = ceiling ? values.filter((value) => !ceiling.includes(value)) : []
  const base = { ...about(attribute), source, ...facts }
  const because: Because[] = []
  if (allowed.length > 0) {
    const text = `\`${attribute.reference}\` is ${quoted(allowed)}, ${how}`
    because.push({ ...base, kind: 'value', text, values: allowed })
  }
  if (refused.length > 0) {
    const directory = person.facts.directory.name
    const limit = ceiling && ceiling.length > 0 ? `only ${quoted(ceiling)}` : 'no value'
    const text = `${quoted(refused)} for \`${attribute.reference}\`, ${how}, is refused: directory \`${directory}\` may hand out ${limit}`
    because.push({ ...base, kind: 'refused', text, directory, values: refused })
  }
  if (invalid.length > 0) {
    const text = `${quoted(invalid)} for \`${attribute.reference}\`, ${how}, is refused: the attribute is a number`
    because.push({ ...base, kind: 'invalid', text, values: invalid })
  }
  return { values: allowed, refused: [...refused, ...invalid], because }
}

function outrankedBy(attribute: UserAttribute, candidate: Candidate, strongest: Candidate): Because {
  const { source, values, invalid, how, facts } = candidate
  const all = [...values, ...invalid]
  return {
    ...about(attribute),
    kind: 'outranked',
    text: `${quoted(all)} for \`${attribute.reference}\`, ${how}, is outranked by ${nameOf(strongest)}`,
    source,
    ...facts,
    values: all,
  }
}

function nameOf({ source, facts }: Candidate): string {
  switch (source) {
    case 'override':
      return 'the override'
    case 'directory':
      return `\`${facts.path}\` of the directory`
    case 'rule':
      return `rule \`${facts.rule}\``
    case 'default':
      return 'the default'
  }
}

function expired(attribute: UserAttribute, { values, facts }: Override): Because {
  const text = `the override of \`${attribute.reference}\` with ${quoted(values)} ended ${facts.until}`
  return { ...about(attribute), kind: 'expired', text, source: 'override', values, ...facts }
}

/** What a rule would set whose time is over or is still to come. */
function ofOtherTime(attribute: UserAttribute, { state, values, how, facts }: RuleCandidate): Because {
  const when = state === 'expired' ? 'has ended' : `begins ${facts.from}`
  const text = `${quoted(values)} for \`${attribute.reference}\`, ${how}, ${when}`
  const kind = state === 'expired' ? 'expired' : 'pending'
  return { ...about(attribute), kind, text, ...facts, values }
}

function about({ reference }: UserAttribute): { step: 'attribute'; attribute: string } {
  return { step: 'attribute', attribute: reference }
}

function quoted(values: readonly (string | undefined)[]): string {
  return values.map((value) => `\`${value}\``).join(', ')
}
