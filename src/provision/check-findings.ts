import type { Config } from '../../schemas/config.ts'
import type { Catalogue, DatabaseObject, Identity, ObjectName, Privilege } from '../databases/database.ts'

/** A connection that was looked into. */
export interface Place {
  readonly connection: string
  readonly isPrimary: boolean
  readonly identity: Identity
  readonly catalogue: Catalogue
}

/** What may be done with an object here and not as the primary, or the other way round. */
export interface Difference {
  /** `schema.name`. */
  readonly object: string
  /** It is not here at all. */
  readonly missing: boolean
  /** What the primary may and this one may not. */
  readonly less: readonly Privilege[]
  /** What this one may and the primary may not. */
  readonly more: readonly Privilege[]
  /** Columns that the primary may read and this one, which reads others of the object, may not; and the reverse. */
  readonly lessColumns: readonly string[]
  readonly moreColumns: readonly string[]
}

/** What can be found: an error where a query fails, a warning where it may open more than was meant, or show less. */
const SEVERITY = {
  unreachable: 'error',
  model_object: 'error',
  model_columns: 'warning',
  bypasses_policies: 'warning',
  past_policies: 'warning',
  same_user: 'warning',
  may_become: 'warning',
  more_than_primary: 'warning',
  incomplete: 'warning',
} as const

export interface Finding extends Facts {
  readonly severity: 'error' | 'warning'
  readonly code: keyof typeof SEVERITY
  readonly connection: string
}

interface Facts {
  readonly text: string
  /** As the model or the database writes it. */
  readonly object?: string
  readonly model?: string
}

/** Makes a finding about a connection. */
export const finding = (connection: string, code: Finding['code'], facts: Facts): Finding => ({
  severity: SEVERITY[code],
  code,
  connection,
  ...facts,
})

export const nameOf = ({ schema, name }: Pick<DatabaseObject, 'schema' | 'name'>): string =>
  `${schema}.${name}`

/** What an environment may do with each object, held against what the primary may: the objects that differ. */
export function differencesTo(primary: Place, place: Place): Difference[] {
  const theirs = byName(primary)
  const ours = byName(place)
  return [...new Set([...theirs.keys(), ...ours.keys()])]
    .toSorted()
    .map((object) => differenceOf(object, theirs.get(object), ours.get(object)))
    .filter(({ less, more, lessColumns, moreColumns }) =>
      [less, more, lessColumns, moreColumns].some((list) => list.length > 0),
    )
}

function differenceOf(
  object: string,
  theirs: DatabaseObject | undefined,
  ours: DatabaseObject | undefined,
): Difference {
  const reading = (ours?.columns.length ?? 0) > 0
  return {
    object,
    missing: ours === undefined,
    less: without(theirs?.privileges, ours?.privileges),
    more: without(ours?.privileges, theirs?.privileges),
    lessColumns: reading ? without(theirs?.columns, ours?.columns) : [],
    moreColumns: without(ours?.columns, theirs?.columns),
  }
}

/** What there is to say about one place, held against the primary where that could be opened. */
export function findingsAbout(place: Place, primary: Place | undefined, models: readonly Model[]): Finding[] {
  return [
    ...aboutUser(place, primary),
    ...aboutPolicies(place),
    ...(primary === undefined || place.isPrimary ? [] : aboutMore(primary, place)),
    ...(place.catalogue.complete ? [] : [incomplete(place)]),
    ...models.flatMap((model) =>
      model.objects.flatMap((object) => aboutReference(model, object, place, primary)),
    ),
  ]
}

type Model = Config['models'][number]

/** Policies need not hold for the primary, which sees everything; a superuser is too much even there. */
function aboutUser(place: Place, primary: Place | undefined): Finding[] {
  const { user, superuser, bypassesPolicies } = place.identity
  if (superuser) {
    const text = `\`${user}\` is a superuser: row policies do not hold for this role, and nothing is refused to it`
    return [finding(place.connection, 'bypasses_policies', { text })]
  }
  if (place.isPrimary) return []
  if (bypassesPolicies) {
    const text = `\`${user}\` has \`bypassrls\`: row policies do not hold for this role`
    return [finding(place.connection, 'bypasses_policies', { text }), ...aboutOthers(place, primary)]
  }
  return aboutOthers(place, primary)
}

/** Whom else the user of an environment is, or may become. */
function aboutOthers(place: Place, primary: Place | undefined): Finding[] {
  const { user, database, mayBecome } = place.identity
  const theirs = primary?.identity
  if (user !== null && user === theirs?.user && database === theirs.database) {
    const text = `runs as \`${user}\`, the user of the primary connection \`${primary?.connection}\``
    return [finding(place.connection, 'same_user', { text })]
  }
  return mayBecome
    .filter((other) => other.bypassesPolicies || other.user === theirs?.user)
    .map((other) => {
      const whom = other.bypassesPolicies
        ? 'for whom row policies do not hold'
        : `the user of the primary connection \`${primary?.connection}\``
      const text = `\`${user}\` is a member of \`${other.user}\`, ${whom}, and may act as it`
      return finding(place.connection, 'may_become', { text })
    })
}

function incomplete(place: Place): Finding {
  const text = `there are more than ${place.catalogue.objects.length} tables and views; the others were not looked at`
  return finding(place.connection, 'incomplete', { text })
}

/** Policies that are switched on and yet do not hold, though the user of the environment bypasses none. */
function aboutPolicies(place: Place): Finding[] {
  if (place.isPrimary || place.identity.bypassesPolicies) return []
  return place.catalogue.objects
    .filter(({ policies, columns }) => policies === 'bypassed' && columns.length > 0)
    .map((object) =>
      finding(place.connection, 'past_policies', {
        object: nameOf(object),
        text: /view/.test(object.kind)
          ? `the ${object.kind} \`${nameOf(object)}\` is read as its owner, past the row policies of its tables`
          : `\`${place.identity.user}\` owns \`${nameOf(object)}\`, so its row policies do not hold for this role; \`alter table … force row level security\` changes that`,
      }),
    )
}

function aboutMore(primary: Place, place: Place): Finding[] {
  return differencesTo(primary, place)
    .filter(({ more, moreColumns }) => more.length > 0 || moreColumns.length > 0)
    .map(({ object, more, moreColumns }) => {
      const what = more.length > 0 ? more.join(', ') : `read ${listed(moreColumns)}`
      return finding(place.connection, 'more_than_primary', {
        object,
        text: `may do more with \`${object}\` than \`${primary.connection}\`: ${what}; the primary should be the most permissive role`,
      })
    })
}

/** Whether a query for what a model refers to would succeed at this place. */
function aboutReference(
  { name: model }: Model,
  object: string,
  place: Place,
  primary: Place | undefined,
): Finding[] {
  const { connection, identity } = place
  const found = lookUp(place, object)
  const about = { model, object }
  if (found === undefined)
    return [finding(connection, 'model_object', { ...about, text: notThere(place, model, object) })]
  const refers = `the model \`${model}\` refers to \`${object}\``
  const who = `\`${identity.user ?? connection}\``
  if (found.columns.length === 0)
    return [finding(connection, 'model_object', { ...about, text: `${refers}, which ${who} may not read` })]
  const less = without(primary && lookUp(primary, object)?.columns, found.columns)
  if (less.length === 0) return []
  const text = `${refers}, of which ${who} may not read ${listed(less)}`
  return [finding(connection, 'model_columns', { ...about, text })]
}

function notThere(place: Place, model: string, reference: string): string {
  const near = place.catalogue.objects.find((object) =>
    [nameOf(object), object.name].some((name) => name.toLowerCase() === reference.toLowerCase()),
  )
  const hint =
    near === undefined
      ? ''
      : `; there is \`${nameOf(near)}\`, which ${near.name === reference ? 'is found by its schema only' : 'is written otherwise'}`
  return `the model \`${model}\` refers to \`${reference}\`, which is not there${hint}`
}

function lookUp({ catalogue }: Place, reference: string): DatabaseObject | undefined {
  const { schema, name } = objectNameOf(reference)
  return catalogue.objects.find(
    (object) =>
      object.name === name && (schema === undefined ? object.unqualified : object.schema === schema),
  )
}

/** `schema.name`, or a name alone. */
export function objectNameOf(reference: string): ObjectName {
  const dot = reference.indexOf('.')
  return dot < 0
    ? { schema: undefined, name: reference }
    : { schema: reference.slice(0, dot), name: reference.slice(dot + 1) }
}

function byName({ catalogue }: Place): Map<string, DatabaseObject> {
  return new Map(catalogue.objects.map((object) => [nameOf(object), object]))
}

const without = <T>(all: readonly T[] = [], taken: readonly T[] = []): T[] =>
  all.filter((one) => !taken.includes(one))

/** A few names of a list, and how many more there are. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `\`${name}\``)
  return names.length > shown.length
    ? `${shown.join(', ')} and ${names.length - shown.length} more`
    : shown.join(', ')
}
