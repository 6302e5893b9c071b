import { describe, expect, it } from '@jest/globals'
import { createRegistry, schema } from '../../../schemas/registry.ts'
import { excludes, parseProjection, project } from '../../../src/scim/resource/project.ts'
import { ENTERPRISE, EXAMPLE, groupType, refusal, userType } from '../support.ts'

const full = {
  schemas: [userType.schema.id, ENTERPRISE],
  id: '1',
  userName: 'ada',
  name: { givenName: 'A', familyName: 'B' },
  emails: [{ value: 'a', type: 'work' }, { value: 'b' }],
  [ENTERPRISE]: { department: 'd', manager: { value: 'm' } },
  [EXAMPLE]: { age: 1, tags: ['a', 'b'], onRequest: 'x', secret: 's', vault: { value: 'v' } },
  groups: [{ value: 'g', display: 'G' }],
  meta: { resourceType: 'User', version: '1' },
}
const always = { schemas: full.schemas, id: '1' }

function projected(parameters: { attributes?: string; excludedAttributes?: string }) {
  const projection = parseProjection(parameters, userType)
  return projection ? project(full, projection, userType) : full
}

describe('project', () => {
  it.each([
    ['userName', { ...always, userName: 'ada' }],
    ['USERNAME, name.GivenName', { ...always, userName: 'ada', name: { givenName: 'A' } }],
    ['emails.value', { ...always, emails: [{ value: 'a' }, { value: 'b' }] }],
    ['emails.type', { ...always, emails: [{ type: 'work' }] }],
    ['name,name.givenName', { ...always, name: full.name }],
    ['name.givenName,name', { ...always, name: full.name }],
    [`${ENTERPRISE}:department`, { ...always, [ENTERPRISE]: { department: 'd' } }],
    [ENTERPRISE, { ...always, [ENTERPRISE]: full[ENTERPRISE] }],
    [`${ENTERPRISE.toLowerCase()}:MANAGER.value`, { ...always, [ENTERPRISE]: { manager: { value: 'm' } } }],
    [`${userType.schema.id}:userName`, { ...always, userName: 'ada' }],
    ['meta.version', { ...always, meta: { version: '1' } }],
    ['emails.display', always],
    ['name.formatted', always],
    ['title', always],
    [`${EXAMPLE}:tags`, { ...always, [EXAMPLE]: { tags: ['a', 'b'] } }],
    [`${EXAMPLE}:floor`, always],
    [`${EXAMPLE}:secret,${EXAMPLE}:vault`, always],
    [EXAMPLE, { ...always, [EXAMPLE]: { age: 1, tags: ['a', 'b'], onRequest: 'x' } }],
    [
      userType.schema.id,
      { ...always, userName: 'ada', name: full.name, emails: full.emails, groups: full.groups },
    ],
    [`${'x,'.repeat(499)}userName,title`, { ...always, userName: 'ada' }],
    [`${'x,'.repeat(500)}userName`, always],
    ['emails[type eq "work"],name', { ...always, emails: full.emails, name: full.name }],
    [`${EXAMPLE}:onRequest`, { ...always, [EXAMPLE]: { onRequest: 'x' } }],
    ['unknown,password,__proto__,a.b.c', always],
    ['emails[type eq "work"].value', { ...always, emails: [{ value: 'a' }, { value: 'b' }] }],
  ])('GET-02 GET-05 GET-06 gives attributes=%s', (attributes, result) => {
    expect(projected({ attributes })).toEqual(result)
  })

  it('GET-03 SCH-22 SCH-24 leaves out what is excluded, and what is returned on request only', () => {
    const { groups: _groups, ...rest } = full
    expect(projected({ excludedAttributes: 'groups, id, schemas, name.givenName, unknown' })).toEqual({
      ...rest,
      name: { familyName: 'B' },
      [EXAMPLE]: { age: 1, tags: ['a', 'b'] },
    })
    const { [ENTERPRISE]: _enterprise, ...others } = full
    expect(projected({ excludedAttributes: `${ENTERPRISE},emails.type,meta.version` })).toEqual({
      ...others,
      emails: [{ value: 'a' }, { value: 'b' }],
      [EXAMPLE]: { age: 1, tags: ['a', 'b'] },
      meta: { resourceType: 'User' },
    })
    const nothing = { excludedAttributes: 'name.givenName,name.familyName,emails.value' }
    expect(projected(nothing)).toMatchObject({ emails: [{ type: 'work' }] })
    expect(projected(nothing)).not.toHaveProperty('name')
    expect(projected({ excludedAttributes: 'emails.type,emails' })).not.toHaveProperty('emails')
    expect(projected({ excludedAttributes: 'emails,emails.type' })).not.toHaveProperty('emails')
  })

  it('SCH-22 gives what is returned on request to whoever has just sent it', () => {
    const withSent = (sent: readonly string[], parameters = {}) => {
      const projection = parseProjection(parameters, userType, sent)
      return projection && project(full, projection, userType)[EXAMPLE]
    }
    expect(withSent([])).toEqual({ age: 1, tags: ['a', 'b'] })
    expect(withSent([`${EXAMPLE}:onRequest`])).toEqual({ age: 1, tags: ['a', 'b'], onRequest: 'x' })
    expect(withSent([`${EXAMPLE}:onRequest`], { excludedAttributes: `${EXAMPLE}:tags` })).toEqual({
      age: 1,
      onRequest: 'x',
    })
    expect(withSent([`${EXAMPLE}:onRequest`], { attributes: `${EXAMPLE}:age` })).toEqual({ age: 1 })
  })

  it('keeps the order of the representation', () => {
    expect(Object.keys(projected({ attributes: 'meta,groups,userName' }))).toEqual([
      'schemas',
      'id',
      'userName',
      'groups',
      'meta',
    ])
  })
})

describe('parseProjection', () => {
  it('is nothing without a name', () => {
    for (const attributes of [undefined, '', ' , '])
      expect(parseProjection({ attributes }, groupType)).toBeUndefined()
  })

  it('is there without a name, too, where an extension has what is never returned', () => {
    const withSecret = schema({
      id: EXAMPLE,
      name: 'Example',
      description: '',
      attributes: [{ name: 'secret', returned: 'never' }],
    })
    const [open, closed] = [[], [withSecret]].map((all) => createRegistry(all).resourceType('User'))
    expect(open && parseProjection({}, open)).toBeUndefined()
    const projection = closed && parseProjection({}, closed)
    const older = { userName: 'ada', [EXAMPLE]: { secret: 's' } }
    expect(projection && project(older, projection, closed)).toEqual({ userName: 'ada' })
  })

  it('GET-04 refuses both parameters at once', () => {
    const both = () => parseProjection({ attributes: 'id', excludedAttributes: 'members' }, groupType)
    expect(refusal(both)).toBe('invalidValue: `attributes` and `excludedAttributes` cannot be used together')
    expect(parseProjection({ attributes: 'id', excludedAttributes: '' }, groupType)).toBeDefined()
  })
})

describe('excludes', () => {
  const of = (parameters: object) => excludes(parseProjection(parameters, groupType), 'members')

  it('tells before the query whether members are wanted', () => {
    expect(of({})).toBe(false)
    expect(of({ attributes: 'displayName' })).toBe(true)
    expect(of({ attributes: 'displayName,members.value' })).toBe(false)
    expect(of({ excludedAttributes: 'MEMBERS' })).toBe(true)
    expect(of({ excludedAttributes: 'members.display' })).toBe(false)
    expect(of({ excludedAttributes: 'meta' })).toBe(false)
    const department = parseProjection({ attributes: `${ENTERPRISE}:department` }, userType)
    expect(excludes(department, 'groups')).toBe(true)
  })
})
