import { describe, expect, it } from '@jest/globals'
import { resourceTypes, schemas, serviceProviderConfig } from '../../src/scim/discovery.ts'
import { listResponse } from '../../src/scim/list.ts'
import { parseSort, parseSortAmong } from '../../src/scim/sort.ts'
import { rewrites } from '../../src/scim/quirks/rewrites.ts'
import { ENTERPRISE, EXAMPLE, failure, groupType, registry, userType } from './support.ts'

const base = 'https://scim.example.com/scim/v2'

describe('discovery', () => {
  const config = serviceProviderConfig({
    base,
    maxResults: 1000,
    defaultPageSize: 100,
    sort: false,
    etag: true,
  })

  it('never says null', () => {
    for (const answer of [config, resourceTypes(registry, base), schemas(registry, base)]) {
      expect(JSON.stringify(answer)).not.toContain('null')
    }
  })

  it('says what is offered, also of what is not', () => {
    expect(config).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 1000 },
      sort: { supported: false },
      authenticationSchemes: [{ type: 'oauthbearertoken' }],
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
  it('sorts several complex values by their value', () => {
    expect(parseSort({ sortBy: 'EMAILS', sortOrder: 'descending' }, userType)).toMatchObject({
      path: { attribute: { name: 'emails' }, sub: { name: 'value' } },
      descending: true,
    })
    expect(parseSort({ sortOrder: 'descending' }, userType)).toBeUndefined()
  })

  it.each([
    [{ sortBy: 'nobody' }, 'invalidPath'],
    [{ sortBy: 'name' }, 'invalidValue'],
    [{ sortBy: 'meta.location' }, 'invalidValue'],
    [{ sortBy: 'password' }, 'invalidValue'],
    [{ sortBy: 'title', sortOrder: 'up' }, 'invalidValue'],
  ])('refuses %j', (parameters, scimType) => {
    expect(failure(() => parseSort(parameters, userType))).toBe(scimType)
  })
})

describe('parseSortAmong', () => {
  it('has no order for what another type alone has', () => {
    expect(parseSortAmong({ sortBy: 'userName' }, groupType, [userType])).toBeUndefined()
    expect(parseSortAmong({ sortBy: 'displayName' }, groupType, [userType])).toMatchObject({
      path: { schema: groupType.schema.id },
    })
    expect(failure(() => parseSortAmong({ sortBy: 'nobody' }, groupType, [userType]))).toBe('invalidPath')
    expect(failure(() => parseSortAmong({ sortBy: 'name' }, groupType, [userType]))).toBe('invalidValue')
  })
})

describe('rewrites', () => {
  it('has all of N1 to N23, each with a source', () => {
    for (let n = 1; n <= 23; n++) expect(rewrites).toHaveProperty(`N${n}`)
    for (const { sources } of Object.values(rewrites)) {
      expect(sources.length).toBeGreaterThan(0)
      for (const source of sources) expect(URL.canParse(source)).toBe(true)
    }
  })
})
