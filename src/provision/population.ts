import type { Config } from '../../schemas/config.ts'
import type { Context } from '../context.ts'
import type { Facts } from '../mapping/facts.ts'
import type { Target } from '../resolve/connection.ts'
import type { Question } from '../resolve/decision.ts'
import { fold } from '../scim/fold.ts'
import { bindableGroups, bindableUsers } from '../store/bindings.ts'
import { readFactsAfter, type UserFacts } from '../store/facts.ts'
import { renamedAttributes } from './config-changes.ts'
import { UNDECIDED } from './consequences.ts'
import { effectOf, type Effect, type Standing } from './effect.ts'
import type { InForce } from './in-force.ts'
import { judgeOf, subjectOf, type Subject } from './judge.ts'
import type { UsageCount } from './usage.ts'
import type { Db } from '../store/db.ts'

/** What a change does to one person somewhere. */
export interface PersonalEffect extends Effect {
  readonly person: Pick<UserFacts, 'user' | 'directory'>
  readonly question: Question
  readonly before: Standing | undefined
  readonly after: Standing | undefined
}

/** People whose facts are read at a time: few enough that requests in between hardly wait. */
const CHUNK = 500

/**
 * Decides for everybody under the configuration in force and under a planned one, over one state of the store.
 *
 * @param visit called for each chunk with what is different, and with how many people have been decided so far
 * @param usage told of everybody under the planned configuration
 */
export async function compareForEverybody(
  ctx: Context,
  db: Db,
  { present, planned }: { readonly present: InForce; readonly planned: InForce },
  visit: (effects: readonly PersonalEffect[], done: number) => Promise<void>,
  usage?: UsageCount,
): Promise<void> {
  const at = ctx.now()
  const change = await factsUnder(db, planned)
  const asked = questionsOf(present, planned)
  const rules = {
    roles: { before: present.model, after: planned.model },
    renamed: renamedAttributes(present.config, planned.config),
  }
  let done = 0
  for (let after = 0; ;) {
    const people = await readFactsAfter(db, after, CHUNK)
    const last = people.at(-1)
    if (last === undefined) return
    after = last.seq
    done += people.length
    const effects: PersonalEffect[] = []
    for (const person of people) {
      const standings = (model: InForce, subject: () => Subject) =>
        standingsOf(ctx, model, person, asked, subject)
      const subject = lazily(() => subjectOf(person, at))
      const before = standings(present, subject)
      const then = standings(planned, () => under(change, subject()))
      asked.forEach((question, i) => {
        const [was, is] = [before[i], then[i]]
        if (is !== undefined) usage?.add(question.connection, is.decision)
        const effect = effectOf(was, is, rules)
        if (effect !== undefined) effects.push({ ...effect, person, question, before: was, after: is })
      })
    }
    await visit(effects, done)
    // On SQLite nothing else waits for anything here.
    await new Promise(setImmediate)
  }
}

/** Somebody with other facts, held ones too. */
const under = (change: (facts: Facts) => Facts, { present, held }: Subject): Subject => ({
  present: present && change(present),
  held: held.map((one) => ({ ...one, facts: change(one.facts) })),
})

/** The facts of a person as they would be with a configuration applied: its ceilings, and the names that it binds. */
async function factsUnder(db: Db, { config, model }: InForce): Promise<(facts: Facts) => Facts> {
  const ceilings = new Map(config.directories.map(({ name, mayGrant }) => [fold(name), { mayGrant }]))
  const groups = Map.groupBy(
    await bindableGroups(db, [...model.groupNames.keys()]),
    ({ directoryId }) => directoryId,
  )
  const users = Map.groupBy(await bindableUsers(db, [...model.userNames]), ({ userId }) => userId)
  const bindings = new Map<string, Facts['bindings']>()
  const bindingsOf = ({ bindings: bound, directory }: Facts): Facts['bindings'] => {
    let all = bindings.get(directory.id)
    if (all === undefined) {
      const free = (groups.get(directory.id) ?? []).map(({ nameKey, groupId }) => [nameKey, groupId] as const)
      // A name that is bound stays with its group.
      bindings.set(directory.id, (all = new Map([...free, ...bound])))
    }
    return all
  }
  return (facts) => {
    const { user, directory } = facts
    const ceiling: Pick<Facts['directory'], 'mayGrant'> = ceilings.get(fold(directory.name)) ?? directory
    const bound = users.get(user.id)?.map(({ nameKey }) => nameKey) ?? []
    return {
      ...facts,
      user: bound.length === 0 ? user : { ...user, names: [...user.names, ...bound].toSorted() },
      directory: { ...directory, mayGrant: ceiling.mayGrant },
      bindings: bindingsOf(facts),
    }
  }
}

/**
 * What to decide for everybody: the connections that decisions are stored of, and beside them the connections and
 * models on which either configuration grants something.
 */
function questionsOf(...both: readonly InForce[]): readonly Question[] {
  const questions = new Map<string, Question>()
  for (const { config, decided, model } of both) {
    const granted = grantedOn(config, model)
    for (const { name } of config.connections) {
      if (decided.includes(name) || granted.has(name)) questions.set(name, { connection: name })
    }
    for (const { name, connection } of config.models) {
      if (granted.has(`model ${name}`)) {
        questions.set(JSON.stringify([connection, name]), { connection, model: name })
      }
    }
  }
  return [...questions.values()]
}

function grantedOn({ connections }: Config, { rules, grants }: InForce['model']): ReadonlySet<string> {
  const keyOf = ({ kind, name }: Target): string => (kind === 'model' ? `model ${name}` : name)
  const direct = [...grants.values()].flat()
  const base = connections.filter(({ baseRole = 'no_access' }) => baseRole !== 'no_access')
  return new Set([
    ...base.map(({ name }) => name),
    ...direct.map(({ target }) => keyOf(target)),
    ...rules.flatMap(({ grant }) => (grant === undefined ? [] : [keyOf(grant.target)])),
  ])
}

/** How a person stands on each question; undefined where a configuration does not know what is asked about. */
function standingsOf(
  ctx: Context,
  { model }: InForce,
  { user }: UserFacts,
  asked: readonly Question[],
  subject: () => Subject,
): (Standing | undefined)[] {
  const known = asked.map(({ connection, model: name }) =>
    name === undefined
      ? model.connections.has(connection)
      : model.models.get(name)?.connection === connection,
  )
  try {
    const judge = judgeOf(model, subject())
    return asked.map((question, i) => {
      const connection = model.connections.get(question.connection)
      if (!known[i] || connection === undefined) return undefined
      const picks =
        model.pickable.length === 0
          ? NO_PICKS
          : [...connection.environments.values()]
              .filter((environment) => judge.mayPick(environment))
              .map((environment) => environment.connection)
              .toSorted()
      return { decision: judge.decide(question).decision, picks }
    })
  } catch (error) {
    ctx.log.error({ err: error, userId: user.id }, 'deciding for a user failed; access is denied')
    return known.map((one) => (one ? { decision: UNDECIDED, picks: NO_PICKS } : undefined))
  }
}

const NO_PICKS: readonly string[] = []

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
