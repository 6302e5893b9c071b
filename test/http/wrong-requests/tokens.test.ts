import { describe, expect, it } from '@jest/globals'
import { administer, issueToken } from '../../support/admin.ts'
import { send } from '../../support/wire.ts'
import { named } from './requests.ts'
import { ask, check, expectScimError, fill, json, onEachEngine } from './stage.ts'
import type { WrongRequest } from './stage.ts'

onEachEngine((stage) => {
  describe('a token that does not open the door', () => {
    const refuse = (token: string | null, status = 401): WrongRequest => ({
      send: 'GET /Users',
      token: null,
      headers: { Authorization: token },
      status,
      ...(status === 400 ? { scimType: 'invalidSyntax' } : { answers: { 'www-authenticate': /^Bearer/ } }),
    })
    check({
      'HTTP-05 no token': refuse(null),
      'an unknown token': refuse('Bearer sb_aaaaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'),
      'a word': refuse('Bearer null'),
      'no word': refuse('non-token'),
      'SEC-07 a wrong scheme': refuse('Basic c2NpbTpzZWNyZXQ='),
      'one letter too many': refuse('Bearer {ours}x'),
      'HTTP-06 the scope `read`': refuse('Bearer {read}', 403),
      'HTTP-06 the scope `admin`': refuse('Bearer {admin}', 403),
      'a token in the address': {
        send: 'GET /Users?access_token={ours}',
        token: null,
        status: 400,
        scimType: 'invalidSyntax',
        says: ['Authorization'],
      },
      'SEC-09 writing without a token': {
        ...refuse(null),
        send: 'POST /Users',
        body: named({}),
        headers: json,
      },
      'HTTP-07 deleting with the scope `read`': {
        ...refuse('Bearer {read}', 403),
        send: 'DELETE /Users/{ours.ada}',
      },
      'an unknown path without a token': { ...refuse(null), send: 'GET /Nothing' },
    })

    it('SEC-03 is a revoked one', async () => {
      const { id, token } = await administer<{ id: string; token: string }>(
        stage().server,
        'POST',
        '/tokens',
        {
          scope: 'scim',
          directory: fill('{ours.directory}'),
        },
      )
      const request = { method: 'GET', path: '/Users', headers: { Authorization: `Bearer ${token}` } }
      expect((await send(`${stage().server.url}/scim/v2`, request, stage().agent)).status).toBe(200)
      await administer(stage().server, 'DELETE', `/tokens/${id}`)
      const answer = await send(`${stage().server.url}/scim/v2`, request, stage().agent)
      expect(answer.status).toBe(401)
      expectScimError(answer, undefined, ['revoked'])
    })

    it('SEC-03 is an expired one', async () => {
      const expiresAt = Date.now() + 150
      const wanted = {
        scope: 'scim',
        directory: fill('{ours.directory}'),
        expiresAt: new Date(expiresAt).toISOString(),
      }
      const headers = { Authorization: `Bearer ${await issueToken(stage().server, wanted, stage().agent)}` }
      // Reads with another token pass the time until it has expired.
      while (Date.now() <= expiresAt) await ask({ send: 'GET /Users', status: 200 })
      const answer = await send(
        `${stage().server.url}/scim/v2`,
        { method: 'GET', path: '/Users', headers },
        stage().agent,
      )
      expect(answer.status).toBe(401)
      expectScimError(answer, undefined, ['expired'])
    })

    it('HTTP-07 is, for administration, one of an identity provider', async () => {
      for (const path of ['/directories', '/tokens', '/status', '/resolve?user=ada&connection=warehouse']) {
        const headers = { Authorization: `Bearer ${fill('{ours}')}` }
        const answer = await send(
          stage().server.url,
          { method: 'GET', path: `/api/v1${path}`, headers },
          stage().agent,
        )
        expect([path, answer.status]).toEqual([path, 403])
      }
    })
  })
})
