import type { Agent } from 'node:http'
import { administer, type Installation } from '../support/admin.ts'
import { createIssuer } from '../support/issuer.ts'
import type { WireRequest } from '../support/wire.ts'
import { isObject } from '../../src/provision/edit/merge-patch.ts'

/** What stands in fixtures, and what goes in its place. */
export type Replacements = ReadonlyMap<string, string>

export const isTokenRequest = ({ path }: Pick<WireRequest, 'path'>): boolean => path === '/oauth2/token'

/** Adds OAuth clients to a directory, and gives what their requests have to show. */
export async function addClients(
  server: Installation,
  directory: string,
  wanted: Readonly<Record<string, 'secret' | 'assertion'>>,
  agent: Agent,
): Promise<Replacements> {
  const found = new Map<string, string>()
  for (const [name, shows] of Object.entries(wanted)) {
    const issuer = await createIssuer()
    const trust = shows === 'assertion' ? { trust: { ...TRUST, jwks: issuer.jwks } } : {}
    const path = `/directories/${directory}/clients`
    const { id, secret } = await administer<{ id: string; secret?: string }>(
      server,
      'POST',
      path,
      trust,
      agent,
    )
    found.set(name, id)
    if (secret !== undefined) found.set('s3cr3t', secret)
    else
      found.set(
        '<signed JWT>',
        await issuer.sign({ iss: TRUST.issuer, sub: TRUST.subject, aud: TRUST.audience }),
      )
  }
  return found
}

const TRUST = {
  issuer: 'https://login.example.com/tenant/v2.0',
  subject: '11111111-2222-4333-8444-555555555555',
  audience: 'api://signalbox',
}

/** A request with its form encoded, and with real clients and secrets. */
export function withClients(request: WireRequest, clients: Replacements): WireRequest {
  const fill = (text: string): string => {
    let filled = text
    for (const [placeholder, real] of clients) filled = filled.replaceAll(placeholder, real)
    return filled
  }
  const basic = /^Basic (.+)$/.exec(request.headers?.['Authorization'] ?? '')?.[1]
  const headers = {
    ...request.headers,
    ...(basic && { Authorization: `Basic ${btoa(fill(atob(basic)))}` }),
  }
  const form = isObject(request.body) ? request.body['_form'] : undefined
  if (!isObject(form)) return { ...request, headers }
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) body.set(name, fill(String(value)))
  return { ...request, headers, body: body.toString() }
}
