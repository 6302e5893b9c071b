import { describe, expect, it } from '@jest/globals'
import { resourceTypes, schemas, serviceProviderConfig } from '../../src/scim/discovery.ts'
import { listResponse } from '../../src/scim/list.ts'
import { parseSort, parseSortAmong } from '../../src/scim/sort.ts'
import { rewrites } from '../../src/scim/quirks/rewrites.ts'
import { pathName } from '../../src/scim/path/path.ts'
import { ENTERPRISE, EXAMPLE, failure, groupType, refusal, registry, userType } from './support.ts'

const base = 'https://scim.example.com/scim/v2'

describe('discovery', () => {
  const config = () =>
    serviceProviderConfig({ base, maxResults: 1000, defaultPageSize: 100, sort: false, etag: true })

  it('never says null', () => {
    for (const answer of [config(), resourceTypes(registry, base), schemas(registry, base)]) {
      expect(JSON.stringify(answer)).not.toContain('null')
    }
  })

  it('says what is offered, also of what is not', () => {
    expect(config()).toEqual({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 1000, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: 1000 },
      changePassword: { supported: false },
      sort: { supported: false },
      etag: { supported: true },
      pagination: {
        cursor: false,
        index: true,
        defaultPaginationMethod: 'index',
        defaultPageSize: 100,
        maxPageSize: 1000,
      },
      authenticationSchemes: [
        {
          type: 'oauthbearertoken',
          name: 'OAuth Bearer Token',
          description: 'The token of a directory in the Authorization header.',
          specUri: 'https://www.rfc-editor.org/info/rfc6750',
          primary: true,
        },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
    })
  })

  it('says what an installation offers beyond that', () => {
    const more = serviceProviderConfig({
      base,
      documentationUri: 'https://example.com/help',
      bulk: { maxOperations: 5, maxPayloadSize: 7 },
      maxResults: 1,
      defaultPageSize: 1,
      sort: true,
      etag: false,
      cursorTimeout: 3600,
      clientCredentials: true,
    })
    expect(more).toMatchObject({
      documentationUri: 'https://example.com/help',
      bulk: { supported: true, maxOperations: 5, maxPayloadSize: 7 },
      sort: { supported: true },
      etag: { supported: false },
      pagination: { cursor: true, cursorTimeout: 3600 },
      authenticationSchemes: [
        { type: 'oauthbearertoken', primary: true },
        {
          type: 'oauth2',
          name: 'OAuth 2.0 Client Credentials',
          description: 'A short-lived token by the client credentials grant.',
          specUri: 'https://www.rfc-editor.org/info/rfc6749',
          primary: false,
        },
      ],
    })
  })

  it('says of each entry what it is and where it stands', () => {
    for (const entry of resourceTypes(registry, base))
      expect(entry).toMatchObject({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
        meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${entry.id}` },
      })
    for (const entry of schemas(registry, base))
      expect(entry).toMatchObject({
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
        meta: { resourceType: 'Schema', location: `${base}/Schemas/${entry.id}` },
      })
  })

  it('requires no extension, and names none where there is none', () => {
    const [user, group] = resourceTypes(registry, base)
    expect(user).toMatchObject({
      schemaExtensions: expect.arrayContaining([{ schema: ENTERPRISE, required: false }]),
    })
    expect(group).not.toHaveProperty('schemaExtensions')
  })

  it('describes sub-attributes as it describes attributes', () => {
    const [user] = schemas(registry, base) as readonly { attributes?: readonly { name: string }[] }[]
    const emails = user?.attributes?.find(({ name }) => name === 'emails')
    expect(emails).toMatchObject({
      subAttributes: expect.arrayContaining([
        expect.objectContaining({
          name: 'value',
          type: 'string',
          multiValued: false,
          mutability: 'readWrite',
        }),
      ]),
    })
  })

  it('lists the resource types with the extensions of an installation', () => {
    expect(resourceTypes(registry, base).map(({ id }) => id)).toEqual(['User', 'Group', 'Role'])
    expect(resourceTypes(registry, base)[0]).toMatchObject({
      endpoint: '/Users',
      schema: userType.schema.id,
      schemaExtensions: [{ schema: ENTERPRISE }, { schema: EXAMPLE }, { schema: `${EXAMPLE}:Deep` }],
      meta: { location: `${base}/ResourceTypes/User` },
    })
  })

  it('describes every schema that a resource or a discovery answer names, with all characteristics', () => {
    const described = schemas(registry, base)
    const ids = described.map(({ id }) => id)
    for (const name of ['User', 'Group', 'ServiceProviderConfig', 'ResourceType', 'Schema']) {
      expect(ids).toContain(`urn:ietf:params:scim:schemas:core:2.0:${name}`)
    }
    expect(described[0]).toMatchObject({
      id: userType.schema.id,
      attributes: expect.arrayContaining([
        {
          name: 'userName',
          type: 'string',
          multiValued: false,
          description: expect.any(String),
          required: true,
          caseExact: false,
          mutability: 'readWrite',
          returned: 'default',
          uniqueness: 'server',
        },
      ]),
    })
    expect(JSON.stringify(described)).not.toMatch(/"(?:indexed)":/)
  })

  it('DSC-09 RES-14 names the common attribute that clients write in the schemas of what they write', () => {
    const names = (id: string) => {
      const found = schemas(registry, base).find((schema) => schema.id === id)
      return (found as unknown as { attributes: { name: string }[] }).attributes.map(({ name }) => name)
    }
    for (const { schema } of [userType, groupType]) {
      expect(names(schema.id).filter((name) => name === 'externalId')).toHaveLength(1)
      expect(names(schema.id)).not.toContain('id')
      expect(names(schema.id)).not.toContain('meta')
    }
    expect(names(ENTERPRISE)).not.toContain('externalId')
    expect(names('urn:okta:scim:schemas:core:1.0:Role')).toEqual(['displayName', 'description'])
  })
})

describe('listResponse', () => {
  it('is JSON around ready texts', () => {
    expect(
      JSON.parse(listResponse({ totalResults: 2, resources: ['{"id":"1"}', '{"id":"2"}'], startIndex: 1 })),
    ).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 2,
      itemsPerPage: 2,
      startIndex: 1,
      Resources: [{ id: '1' }, { id: '2' }],
    })
  })

  it('names the cursors of a page, and no place beside them', () => {
    const page = { totalResults: 9, resources: ['{}'], nextCursor: 'n', previousCursor: 'p' }
    expect(JSON.parse(listResponse(page))).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults: 9,
      itemsPerPage: 1,
      nextCursor: 'n',
      previousCursor: 'p',
      Resources: [{}],
    })
  })

  it('PAG-01 has Resources when there are none', () => {
    expect(JSON.parse(listResponse({ totalResults: 0, resources: [], startIndex: 7 }))).toMatchObject({
      totalResults: 0,
      itemsPerPage: 0,
      startIndex: 7,
      Resources: [],
    })
  })
})

describe('parseSort', () => {
  it.each([
    [{ sortBy: 'userName' }, 'userName', false],
    [{ sortBy: 'NAME.givenName', sortOrder: 'ascending' }, 'name.givenName', false],
    [{ sortBy: 'meta.created', sortOrder: 'descending' }, 'meta.created', true],
    [{ sortBy: 'emails.type' }, 'emails.type', false],
    [{ sortBy: 'EMAILS' }, 'emails.value', false],
    [{ sortBy: `${ENTERPRISE}:manager` }, `${ENTERPRISE}:manager.value`, false],
  ])('reads %j as an order by %s', (parameters, name, descending) => {
    const sort = parseSort(parameters, userType)
    expect([sort && pathName(sort.path), sort?.descending]).toEqual([name, descending])
  })

  it.each([[{}], [{ sortBy: '' }], [{ sortOrder: 'descending' }]])('takes %j for no order', (parameters) => {
    expect(parseSort(parameters, userType)).toBeUndefined()
  })

  it.each([
    [{ sortBy: 'nobody' }, 'invalidPath: `nobody` is no attribute of a User'],
    [{ sortBy: 'name' }, 'invalidValue: resources cannot be sorted by `name`'],
    [{ sortBy: 'meta.location' }, 'invalidValue: resources cannot be sorted by `meta.location`'],
    [{ sortBy: 'groups.$ref' }, 'invalidValue: resources cannot be sorted by `groups.$ref`'],
    ...['password', `${EXAMPLE}:vault`, `${EXAMPLE}:vault.value`, `${EXAMPLE}:doors.code`].map(
      (hidden): [object, string] => [
        { sortBy: hidden },
        `invalidValue: resources cannot be sorted by \`${hidden}\``,
      ],
    ),
    [
      { sortBy: 'title', sortOrder: 'up' },
      'invalidValue: `sortOrder` must be ascending or descending, not `up`',
    ],
    [{ sortOrder: '' }, 'invalidValue: `sortOrder` must be ascending or descending, not ``'],
  ])('refuses %j', (parameters, words) => {
    expect(refusal(() => parseSort(parameters, userType))).toBe(words)
  })

  it('has no order for the addresses of members', () => {
    expect(refusal(() => parseSort({ sortBy: 'members.$ref' }, groupType))).toBe(
      'invalidValue: resources cannot be sorted by `members.$ref`',
    )
  })
})

describe('parseSortAmong', () => {
  it('has no order for what another type alone has', () => {
    expect(parseSortAmong({ sortBy: 'userName' }, groupType, [userType])).toBeUndefined()
    expect(parseSortAmong({ sortBy: 'displayName' }, groupType, [userType])).toMatchObject({
      path: { schema: groupType.schema.id },
    })
    expect(refusal(() => parseSortAmong({ sortBy: 'nobody' }, groupType, [userType]))).toBe(
      'invalidPath: `nobody` is no attribute of a Group',
    )
    expect(failure(() => parseSortAmong({ sortBy: 'name' }, groupType, [userType]))).toBe('invalidValue')
  })
})

describe('rewrites', () => {
  it('has all of N1 to N23, each in words and with a source', () => {
    for (let n = 1; n <= 23; n++) expect(rewrites).toHaveProperty(`N${n}`)
    for (const { does, sources } of Object.values(rewrites)) {
      expect(does).not.toBe('')
      expect(sources.length).toBeGreaterThan(0)
      for (const source of sources) expect(URL.canParse(source)).toBe(true)
    }
  })
})
