import type { Exchange, Failure, Played } from './play.ts'

/** Takes secrets out of a text before anybody sees it. */
export type Hide = (text: string) => string

/** Hides these texts wherever they stand. */
export const hiding =
  (secrets: readonly (string | undefined)[]): Hide =>
  (text) =>
    secrets.reduce<string>(
      (rest, secret) => (secret === undefined || secret === '' ? rest : rest.replaceAll(secret, '***')),
      text,
    )

/** A conversation for people: one line, and what went wrong with request and answer. */
export function tell(played: Played, hide: Hide): string {
  const { name, title, requests, passed, failures, skipped, hints, left, milliseconds } = played
  const head = `${isFine(played) ? 'ok  ' : 'FAIL'}  ${name.padEnd(19)}  ${title.padEnd(43)}`
  const seconds = (milliseconds / 1000).toFixed(1)
  const counts = [
    `${passed} steps`,
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ...(skipped.length > 0 ? [`${skipped.length} left out`] : []),
    `${requests} requests`,
    `${seconds} s`,
  ]
  const lines = [
    `${head}  ${counts.join(', ')}`,
    ...failures.flatMap((failure) => tellFailure(failure).map((line) => `      ${line}`)),
    ...skipped.map(({ scene, does, why }) => `      ${scene}: ${does}: left out, ${why}`),
    ...hints.flatMap(({ scene, does, lacks, advice }) => [
      `      hint: ${scene}: ${does}`,
      ...lacks.map((one) => `        ${one}`),
      `        ${advice}`,
    ]),
    ...(left.length > 0 ? [`      could not be removed: ${left.join(', ')}`] : []),
  ]
  return hide(lines.join('\n'))
}

/** A conversation for programs. */
export function toJson({ failures, ...rest }: Played, hide: Hide): object {
  const body = {
    ...rest,
    failures: failures.map(({ exchanges, ...one }) => ({ ...one, exchanges: exchanges.map(plain) })),
  }
  return JSON.parse(hide(JSON.stringify(body))) as object
}

export const isFine = ({ failures, skipped, left }: Played): boolean =>
  failures.length + skipped.length + left.length === 0

function tellFailure({ scene, does, faults, exchanges }: Failure): string[] {
  return [
    `${scene}: ${does}`,
    ...faults.map((fault) => `  ${fault}`),
    ...exchanges.flatMap((exchange) => tellExchange(exchange).map((line) => `    ${line}`)),
  ]
}

/** The longest text of a body that a terminal is troubled with. */
const LONGEST = 1500

function tellExchange({ request, answer }: Exchange): string[] {
  const { method, path, headers, body } = request
  const named = Object.entries(headers).flatMap(([name, value]) =>
    value === null || name === 'Authorization' ? [] : [`${name}: ${value}`],
  )
  return [
    `> ${method} ${path}`,
    ...named.map((header) => `>   ${header}`),
    ...(body === undefined ? [] : [`>   ${cut(JSON.stringify(body))}`]),
    ...(answer === undefined
      ? ['< no answer']
      : [
          `< ${answer.status}${answer.headers.location === undefined ? '' : `  Location: ${answer.headers.location}`}`,
          ...(answer.text === '' ? [] : [`<   ${cut(answer.text)}`]),
        ]),
  ]
}

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text)

function plain({ request, answer }: Exchange): object {
  const { Authorization: _secret, ...headers } = request.headers
  return {
    request: { ...request, headers },
    ...(answer && {
      answer: {
        status: answer.status,
        headers: answer.headers,
        body: answer.json ?? answer.text,
        milliseconds: Math.round(answer.milliseconds),
      },
    }),
  }
}
