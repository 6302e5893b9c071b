import type { Facts } from '../mapping/facts.ts'
import type { Because, Decision, Question } from '../resolve/decision.ts'
import { fold } from '../scim/fold.ts'
import { labelsOf } from '../store/actors.ts'
import { usersAt } from '../store/as-of.ts'
import { lastFoundBy } from '../store/standing.ts'
import { ENVIRONMENT_ACTOR } from './actor.ts'
import { groundsOf, type Ground } from './grounds.ts'
import { createProvenance, entriesIn, type Provenance } from './provenance.ts'
import type { View } from './view.ts'

/** Something recorded that a reason rests on, with what brought it. */
export interface Basis {
  readonly fact: Ground['fact'] | 'departure'
  /** One sentence for people. */
  readonly text: string
  /** Since when it stands as it does; null: for longer than history tells. */
  readonly at: string | null
  /** The revision that brought what the configuration says. */
  readonly revision?: number
  /** The id of the request, and what it did. */
  readonly request?: string
  readonly action?: string
  readonly actor?: string
  /** What the token or the client of the actor is called, if it has a label. */
  readonly token?: string
}

/** A decision whose reasons say what they rest on. */
export interface Explained extends Decision {
  readonly because: readonly (Because & { readonly restsOn: readonly Basis[] })[]
}

/** What was asked, and what was decided about whom; nobody is known where there are no facts. */
export interface Answered {
  readonly asked: Question & { readonly user: string; readonly directory?: string | undefined }
  readonly facts: Facts | undefined
  readonly decision: Decision
}

/**
 * Says of each reason what it rests on: since when each fact stood without interruption, the request and the token that
 * brought it, and the revision that brought what the configuration says.
 */
export async function explain(view: View, { asked, facts, decision }: Answered): Promise<Explained> {
  const found =
    facts === undefined
      ? await Promise.all(decision.because.map(async () => departure(view, asked)))
      : await foundFor(view, asked, facts, decision)
  const labels = await labelsOf(view.db, [
    ...new Set(found.flat().flatMap(({ cause }) => cause?.actor ?? [])),
  ])
  return {
    ...decision,
    because: decision.because.map((reason, i) =>
      Object.assign({}, reason, { restsOn: (found[i] ?? []).map((one) => toBasis(one, labels)) }),
    ),
  }
}

interface Found extends Provenance, Pick<Basis, 'fact'> {
  readonly what: string
}

function foundFor(view: View, asked: Question, facts: Facts, decision: Decision): Promise<Found[][]> {
  const provenance = createProvenance(decision.held ? viewBefore(view, decision.held.since) : view, facts)
  const about = { model: view.rules.model, facts, connection: asked.connection }
  return Promise.all(
    decision.because.map((reason) =>
      Promise.all(
        groundsOf(reason, about).map(async (ground) => {
          const { fact, what } = ground
          return { fact, what, ...(await provenance(ground)) }
        }),
      ),
    ),
  )
}

/** A view in which what is held stood still. */
function viewBefore(view: View, since: string): View {
  const at = new Date(Date.parse(since) - 1).toISOString()
  return {
    ...view,
    asOf: at,
    async version({ id }) {
      return (await usersAt(view.db, { text: id, textKey: fold(id), at })).find((one) => one.id === id)
    },
  }
}

/** Why somebody is unknown who was known before. */
async function departure(view: View, { user, directory }: Answered['asked']): Promise<Found[]> {
  const gone = await lastFoundBy(view.db, {
    text: user,
    textKey: fold(user),
    directoryId: directory === undefined ? null : await view.directoryId(directory),
    at: view.at,
  })
  if (gone === undefined) return []
  const cause = (await entriesIn(view)(gone.until)).find(
    ({ subjectId }) => subjectId === gone.id || subjectId === gone.directoryId,
  )
  const what =
    cause?.action === 'user.updated'
      ? `\`${gone.userName}\` known by another name`
      : `\`${gone.userName}\` deleted`
  return [{ fact: 'departure', what, since: gone.until, cause }]
}

function toBasis({ fact, what, since, cause, revision }: Found, labels: ReadonlyMap<string, string>): Basis {
  const token = cause && labels.get(cause.actor)
  const text = [
    what,
    since === null ? 'for longer than history tells' : `since ${revisionOf(revision)}${moment(since)}`,
    ...(cause === undefined ? [] : [`by request ${cause.requestId}`, ...nameOf(cause.actor, token)]),
  ].join(' ')
  return {
    fact,
    text,
    at: since,
    ...(revision !== undefined && { revision }),
    ...(cause && { request: cause.requestId, action: cause.action, actor: cause.actor }),
    ...(token !== undefined && { token }),
  }
}

const revisionOf = (revision: number | undefined): string =>
  revision === undefined ? '' : `revision ${revision} of `

/** A moment as people read it, in UTC. */
const moment = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 19)}`

function nameOf(actor: string, label: string | undefined): string[] {
  if (actor === ENVIRONMENT_ACTOR) return ['with the token of the environment']
  const [kind = '', id = ''] = actor.split(/:(.*)/s)
  switch (kind) {
    case 'token':
    case 'client':
      return [`with ${kind} \`${label ?? id}\``]
    case 'cli':
      return ['on the command line']
    default:
      return []
  }
}
