import { valueAt } from './differences.ts'
import { openLine } from './line.ts'
import type { Answer, Line, Request } from './line.ts'
import type { Failure, Played } from './play.ts'

/** What a client needs to fetch its own tokens. */
export interface TokenClient {
  /** The token endpoint. */
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret?: string
  /** A signed JWT of the identity provider: Entra's workload identity federation. */
  readonly assertion?: string
  readonly scope?: string
}

/** Seconds between which Microsoft wants a token to live. */
const LIFE = { least: 3600, most: 6 * 3600 } as const

/**
 * The tests about tokens: `Validate_Credentials` and `Federated_Identity` of Microsoft's gallery, and PingFederate's
 * request with the secret in the header.
 *
 * `issued` hears of every token, so that nothing prints it.
 *
 * @see https://github.com/AzureAD/SCIMReferenceCode/blob/master/Workload-Identity-Federation-for-SCIM-Provisioning.md
 */
export async function playTokens(
  client: TokenClient,
  scim: Line,
  issued: (token: string) => void = () => {},
): Promise<Played> {
  const line = openLine(client.tokenUrl, '')
  const started = performance.now()
  const failures: Failure[] = []
  const grants = grantsOf(client)
  let requests = 0
  try {
    for (const { scene, does, request, refused } of grants) {
      requests += 1
      const answer = await line.send(request).catch(() => undefined)
      const token = valueAt(answer?.json, 'access_token')
      if (typeof token === 'string') issued(token)
      const exchanges = [{ request: withoutSecrets(request), ...(answer && { answer }) }]
      const faults = answer === undefined ? ['there is no answer'] : faultsOfToken(answer, refused)
      if (faults.length === 0 && !refused) {
        requests += 1
        const reading: Request = {
          method: 'GET',
          path: '/Users?count=1',
          headers: { Accept: 'application/scim+json', Authorization: `Bearer ${String(token)}` },
        }
        const read = await scim.send(reading).catch(() => undefined)
        if (read?.status !== 200) {
          faults.push(`the token is answered ${read?.status ?? 'nothing'} at \`/Users\``)
          exchanges.push({ request: reading, ...(read && { answer: read }) })
        }
      }
      if (faults.length > 0) failures.push({ scene, does, faults, exchanges })
    }
  } finally {
    line.close()
  }
  return {
    name: 'oauth',
    title: 'token endpoint, as Entra and Ping ask it',
    requests,
    passed: grants.length - failures.length,
    failures,
    skipped: [],
    hints: [],
    left: [],
    milliseconds: performance.now() - started,
  }
}

interface Grant {
  readonly scene: string
  readonly does: string
  readonly request: Request
  readonly refused: boolean
}

function grantsOf({ clientId, clientSecret, assertion, scope }: TokenClient): Grant[] {
  const plain = { grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }
  const basic = (secret: string): string =>
    `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`
  const federated = {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_id: clientId,
  }
  return [
    ...(clientSecret === undefined
      ? []
      : [
          {
            scene: 'Validate_Credentials',
            does: 'asks with the secret in the body',
            request: form({ ...plain, client_id: clientId, client_secret: clientSecret }),
            refused: false,
          },
          {
            scene: 'Validate_Credentials',
            does: 'asks with the secret in the header, as Ping does',
            request: form({ grant_type: 'client_credentials' }, basic(clientSecret)),
            refused: false,
          },
          {
            scene: 'Validate_Credentials',
            does: 'asks with a wrong secret',
            request: form({ ...plain, client_id: clientId, client_secret: 'wrong' }),
            refused: true,
          },
        ]),
    ...(assertion === undefined
      ? []
      : [
          {
            scene: 'Federated_Identity',
            does: 'asks with a signed assertion',
            request: form({ ...plain, ...federated, client_assertion: assertion }),
            refused: false,
          },
          {
            scene: 'Federated_Identity',
            does: 'asks with an assertion that somebody has changed',
            request: form({ ...plain, ...federated, client_assertion: tampered(assertion) }),
            refused: true,
          },
        ]),
  ]
}

function form(fields: Record<string, string>, authorization: string | null = null): Request {
  return {
    method: 'POST',
    path: '',
    headers: {
      'Content-Type': 'application/x-www-form-urlencoded',
      Accept: 'application/json',
      Authorization: authorization,
    },
    body: new URLSearchParams(fields).toString(),
  }
}

/** The same header and claims under a signature that fits nothing. */
const tampered = (assertion: string): string => `${assertion.slice(0, assertion.lastIndexOf('.'))}.AAAA`

function withoutSecrets(request: Request): Request {
  const fields = new URLSearchParams(String(request.body))
  for (const name of ['client_secret', 'client_assertion']) if (fields.has(name)) fields.set(name, '***')
  return { ...request, body: fields.toString() }
}

function faultsOfToken({ status, json, headers }: Answer, refused: boolean): string[] {
  if (refused)
    return [400, 401].includes(status) && typeof valueAt(json, 'error') === 'string'
      ? []
      : [`answered ${status} and not 400 or 401 with an \`error\` (RFC 6749 §5.2)`]
  if (status !== 200) return [`answered ${status} and not 200`]
  const life = valueAt(json, 'expires_in')
  return [
    ...(typeof valueAt(json, 'access_token') === 'string' ? [] : ['the answer has no `access_token`']),
    ...(String(valueAt(json, 'token_type')).toLowerCase() === 'bearer'
      ? []
      : ['`token_type` is not `Bearer`']),
    ...(typeof life === 'number' && life >= LIFE.least && life <= LIFE.most
      ? []
      : [
          `\`expires_in\` is ${JSON.stringify(life) ?? 'absent'} and not ${LIFE.least} to ${LIFE.most} seconds`,
        ]),
    ...(headers['cache-control']?.includes('no-store') ? [] : ['`Cache-Control` is not `no-store`']),
  ]
}
