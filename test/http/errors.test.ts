import { describe, expect, it } from '@jest/globals'
import { replyTo } from '../../src/http/errors.ts'
import { createLog } from '../../src/log.ts'
import { ScimError, type ScimType } from '../../src/scim/error.ts'

const asked = { method: 'GET', path: '/scim/v2/Users', requestId: 'request-7', principal: undefined }
const bodyOf = (error: unknown) => {
  const reply = replyTo(error, asked, createLog('silent'))
  return { status: reply.status, type: reply.type, body: JSON.parse(String(reply.body)) as object }
}

describe('replyTo', () => {
  it('HTTP-13 HTTP-08 tells nothing of an error that nobody foresaw but where to look for it', () => {
    const error = new Error('select secret from users where user_name = ada@example.com')
    const { status, type, body } = bodyOf(error)
    expect([status, type]).toEqual([500, expect.stringMatching(/^application\/scim\+json/)])
    expect(body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '500',
      detail: 'something went wrong on our side; the log has more under request id request-7',
    })
  })

  it.each<[number, ScimType]>([
    [400, 'invalidFilter'],
    [400, 'tooMany'],
    [409, 'uniqueness'],
    [400, 'mutability'],
    [400, 'invalidSyntax'],
    [400, 'invalidPath'],
    [400, 'noTarget'],
    [400, 'invalidValue'],
    [400, 'invalidVers'],
    [403, 'sensitive'],
  ])('HTTP-09 HTTP-10 answers %i for %s, as text too', (status, scimType) => {
    const reply = bodyOf(new ScimError(status, 'because', scimType))
    expect(reply).toMatchObject({ status, body: { status: String(status), scimType, detail: 'because' } })
  })

  it('says when to ask again', () => {
    const error = new ScimError(503, 'not yet', undefined, 10)
    const reply = replyTo(error, asked, createLog('silent'))
    expect(reply).toMatchObject({ status: 503, headers: { 'retry-after': '10' } })
    expect(bodyOf(error).body).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: '503',
      detail: 'not yet',
    })
  })
})
