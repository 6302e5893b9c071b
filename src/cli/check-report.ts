import type { CheckedPlace, ConnectionCheck } from '../provision/check-connection.ts'
import { nameOf } from '../provision/check-findings.ts'
import { table } from './print.ts'

type DatabaseObject = CheckedPlace['objects'][number]

/** A check as a person would read it: who is who, who may do what, what models need, and what is wrong. */
export function tellCheck(check: ConnectionCheck): string {
  const opened = check.places.filter(({ problem }) => problem === null)
  return [
    tellPlaces(check),
    ...(opened.length === 0 ? [] : [tellObjects(opened)]),
    ...(opened.length === 0 || check.models.length === 0 ? [] : [tellModels(check, opened)]),
    tellFindings(check),
  ].join('\n\n')
}

function tellPlaces({ connection, dialect, places }: ConnectionCheck): string {
  const environments = places.length - 1
  return `${connection} (${dialect}), ${environments === 1 ? '1 environment' : `${environments} environments`}\n${table(
    ['CONNECTION', 'VALUES', 'OPENED', 'USER', 'DATABASE', 'SERVER', 'READABLE'],
    places.map((one) => [
      one.connection,
      one.values.join(', ') || null,
      one.problem === null ? `${one.milliseconds} ms` : 'NO',
      one.user,
      one.database,
      one.server,
      one.readable,
    ]),
  )}`
}

/** Objects with what each connection may do, side by side. */
function tellObjects(places: readonly CheckedPlace[]): string {
  const objects = new Map<string, Map<CheckedPlace, DatabaseObject>>()
  for (const place of places) {
    for (const object of place.objects) {
      const name = nameOf(object)
      const known = objects.get(name) ?? new Map<CheckedPlace, DatabaseObject>()
      objects.set(name, known.set(place, object))
    }
  }
  const names = [...objects.keys()].toSorted()
  if (names.length === 0) return 'there are no tables and views to show'
  const rows = names.slice(0, MOST_ROWS).map((name) => {
    const at = objects.get(name)
    const [any] = at?.values() ?? []
    return [name, any?.kind ?? null, ...places.map((place) => tellObject(at?.get(place)))]
  })
  const more = names.length - rows.length
  return `${table(['OBJECT', 'KIND', ...places.map(({ connection }) => connection)], rows)}${more > 0 ? `\n… and ${more} more: see --objects and --json` : ''}`
}

/** Rows that somebody would read. */
const MOST_ROWS = 100

function tellObject(object: DatabaseObject | undefined): string | null {
  if (object === undefined) return 'not there'
  const { privileges, columns, hiddenColumns, policies } = object
  const some = columns.length > 0 && hiddenColumns.length > 0
  const may = [
    ...(some ? [`select ${columns.length} of ${columns.length + hiddenColumns.length} columns`] : []),
    ...privileges,
  ]
  if (may.length === 0) return null
  return `${may.join(' ')}${POLICIES[policies]}`
}

const POLICIES = { none: '', hold: ', by policies', bypassed: ', past policies' } as const

function tellModels({ models }: ConnectionCheck, places: readonly CheckedPlace[]): string {
  return table(
    ['MODEL', 'REFERS TO', ...places.map(({ connection }) => connection)],
    models.map(({ model, object, failsOn }) => [
      model,
      object,
      ...places.map(({ connection }) => (failsOn.includes(connection) ? 'FAILS' : 'ok')),
    ]),
  )
}

function tellFindings({ findings, ok }: ConnectionCheck): string {
  const lines = findings
    .toSorted((a, b) => a.severity.localeCompare(b.severity))
    .slice(0, MOST_ROWS)
    .map(({ severity, connection, text }) => `${severity.padEnd(7)}  ${connection}: ${text}`)
  const more = findings.length - lines.length
  if (more > 0) lines.push(`… and ${more} more: see --json`)
  if (ok) lines.push(findings.length === 0 ? 'nothing is wrong' : 'nothing fails')
  return lines.join('\n')
}
