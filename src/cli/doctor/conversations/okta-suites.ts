import { del, get, look, percent, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const newUser = {
  schemas: [urn.user],
  userName: 'Runscope.{run}@Example.com',
  name: { givenName: 'Runscope{run}', familyName: 'Tester{run}' },
  emails: [{ primary: true, value: 'Runscope.{run}@Example.com', type: 'work' }],
  displayName: 'Runscope{run} Tester{run}',
  active: true,
}
const names = { userName: newUser.userName, name: newUser.name }
const found = ['id', 'name/familyName', 'name/givenName', 'userName', 'active', 'emails/0/value']

/** The SPEC test that Okta asks an app of its network to pass, from its description. */
export const oktaSpec: Conversation = {
  name: 'okta-spec',
  title: 'Okta, SPEC test suite',
  source: 'https://developer.okta.com/standards/SCIM/SCIMFiles/Okta-SCIM-20-SPEC-Test.json',
  headers: {
    Accept: 'application/scim+json',
    'Content-Type': 'application/scim+json; charset=utf-8',
    'Accept-Charset': 'utf-8',
    'User-Agent': 'OKTA SCIM Integration',
  },
  writes: { 'Content-Type': 'application/json' },
  scenes: [
    scene(
      '0 somebody is there, which the suite asks for',
      post(
        'creates a user',
        '/Users',
        { ...newUser, userName: 'First.{run}@Example.com' },
        {
          creates: 'first',
        },
      ),
    ),
    scene(
      '1 required test: users',
      get('reads one user', '/Users?count=1&startIndex=1', {
        has: { startIndex: 1, itemsPerPage: 1 },
        filled: ['totalResults', 'Resources/0/id'],
        hopes: {
          of: 'Resources/0',
          filled: found,
          advice: 'Okta asks it of the first user: let its suite run on a directory whose first user has it',
        },
      }),
    ),
    scene(
      '2 required test: user by id',
      get('reads a user', '/Users/{first}', { has: { id: '{first}' }, filled: found }),
    ),
    scene(
      '3 required test: a user name that nobody has',
      get('looks for it', `/Users?filter=${percent('userName eq "nobody.{run}@example.com"')}`, {
        lists: [],
        has: { totalResults: 0 },
      }),
    ),
    scene(
      '4 required test: an id that nobody has',
      get('reads it', '/Users/010101001010101011001010101011', { status: [404] }),
    ),
    scene(
      '5 required test: the user is not there yet',
      get('looks for the user', `/Users?filter=${percent(`userName eq "${newUser.userName}"`)}`, {
        lists: [],
        has: { totalResults: 0 },
      }),
    ),
    scene(
      '6 required test: create a user',
      post('creates the user', '/Users', newUser, {
        creates: 'user',
        has: { ...names, active: true },
        contains: { schemas: [urn.user] },
        filled: ['id'],
      }),
    ),
    scene('7 required test: read it', get('reads the user', '/Users/{user}', { has: names })),
    scene(
      '8 required test: create it again',
      post('creates the same user', '/Users', newUser, { status: [409] }),
    ),
    scene(
      '9 optional test: user name in capitals',
      get('looks for the user', `/Users?filter=${percent('userName eq "RUNSCOPE.{run}@EXAMPLE.COM"')}`),
    ),
    scene(
      '10 optional test: groups',
      get('reads the groups', '/Groups', { filled: ['totalResults'], within: 600 }),
    ),
    scene(
      '11 optional test: a token that is none',
      get('looks for the user', `/Users?filter=${percent(`userName eq "${newUser.userName}"`)}`, {
        headers: { Authorization: 'non-token' },
        status: [401],
      }),
    ),
    scene('12 optional test: a number as id', get('reads it', '/Users/00919288221112222', { status: [404] })),
    scene(
      'E entitlements, where there are any',
      get('reads the resource types', '/ResourceTypes', { status: [200, 404], keeps: 'types' }),
      get('reads one of each kind of role and entitlement', '{endpoint}?count=1&startIndex=1', {
        announced: { by: 'types', schemas: [urn.oktaRole, urn.oktaEntitlement] },
        has: { itemsPerPage: 1, startIndex: 1 },
        filled: ['totalResults', 'Resources/0/id', 'Resources/0/displayName'],
      }),
    ),
  ],
}

const inOkta = {
  'Content-Type': 'application/scim+json; charset=utf-8',
  Accept: 'application/scim+json',
  'User-Agent': 'Okta SCIM Client 1.0.0',
}
const find = `/Users?filter=${percent(`userName eq "${newUser.userName}"`)}&startIndex=1&count=100`
const activation = (does: string, active: boolean) =>
  put(
    does,
    '/Users/{user}',
    { active },
    {
      over: 'user',
      after: [look('/Users/{user}', { has: { active, ...names } })],
    },
  )

/** The CRUD test as the server sees it: Okta creates, renames, deactivates and re-activates somebody. */
export const oktaCrud: Conversation = {
  name: 'okta-crud',
  title: 'Okta, CRUD test suite',
  source: 'https://developer.okta.com/docs/guides/scim-provisioning-integration-test/main/',
  headers: inOkta,
  scenes: [
    scene(
      'assign',
      get('looks for the user', find, { status: [200, 404], lists: [] }),
      post('creates the user', '/Users', newUser, { creates: 'user' }),
      get('finds the user', find, {
        lists: ['user'],
        has: { Resources: [{ ...names, emails: [{ value: newUser.userName }], active: true }] },
      }),
    ),
    scene(
      'update',
      get('reads the user', '/Users/{user}', { keeps: 'user' }),
      put(
        'changes the given name',
        '/Users/{user}',
        { name: { givenName: 'Renamed{run}' } },
        {
          over: 'user',
          after: [look('/Users/{user}', { has: { name: { givenName: 'Renamed{run}' } } })],
        },
      ),
      put(
        'changes it back',
        '/Users/{user}',
        {},
        {
          over: 'user',
          after: [look('/Users/{user}', { has: names })],
        },
      ),
    ),
    scene(
      'deactivate',
      activation('deactivates the user', false),
      get('finds the user inactive', find, {
        lists: ['user'],
        has: { Resources: [{ active: false }] },
      }),
    ),
    scene('re-activate', activation('activates the user', true)),
    scene(
      'unassign',
      activation('deactivates the user', false),
      get('reads the user, whom nobody deletes', '/Users/{user}', { has: { active: false } }),
    ),
    scene('assign again', get('finds the user', find, { lists: ['user'] }), activation('activates it', true)),
    scene(
      'groups',
      post(
        'pushes a group',
        '/Groups',
        { schemas: [urn.group], displayName: 'CRUD {run}', members: [] },
        {
          creates: 'group',
        },
      ),
      del('deletes the group', '/Groups/{group}', { after: [look('/Groups/{group}', { status: [404] })] }),
    ),
  ],
}
