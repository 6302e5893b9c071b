import { del, get, look, patch, percent, post, put, scene, urn } from '../conversation.ts'
import type { Conversation, Json, Scene, Step } from '../conversation.ts'

const headers = {
  'Content-Type': 'application/scim+json; charset=utf-8',
  Accept: 'application/scim+json',
  'User-Agent': 'Okta SCIM Client 1.0.0',
}
const source = 'https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20'

const find = `/Users?filter=${percent('userName eq "ida.{run}@example.com"')}&startIndex=1&count=100`

/** An app of Okta's integration network: PUT for profiles, PATCH for activation, passwords and groups. */
export const okta: Conversation = {
  name: 'okta',
  title: 'Okta, app of the integration network',
  source,
  headers,
  scenes: scenes({
    activate: (active) => [
      patch(
        active ? 'activates the user' : 'deactivates the user',
        '/Users/{ida}',
        [{ op: 'replace', value: { active } }],
        { after: [look('/Users/{ida}', { has: { active } })] },
      ),
    ],
    password: patch(
      'synchronises a password',
      '/Users/{ida}',
      [{ op: 'replace', value: { password: 'n3wP4ss!-{run}' } }],
      { lacks: ['password'] },
    ),
    fill: patch(
      'adds members',
      '/Groups/{sales}',
      [
        naming('Sales {run}'),
        { op: 'add', path: 'members', value: [member('ida', 'ida.{run}@example.com'), member('ben', null)] },
      ],
      { after: [look('/Groups/{sales}', { members: ['ida', 'ben'] })] },
    ),
    groups: [
      patch(
        'takes one out and puts one in at once',
        '/Groups/{sales}',
        [
          naming('Sales {run}'),
          { op: 'remove', path: 'members[value eq "{ben}"]' },
          { op: 'add', path: 'members', value: [member('cleo', 'cleo.{run}@example.com')] },
        ],
        { after: [look('/Groups/{sales}', { members: ['ida', 'cleo'] })] },
      ),
      patch(
        'adds a member whom the server does not know beside one whom it does: Okta tries no batch again',
        '/Groups/{sales}',
        [{ op: 'add', path: 'members', value: [{ value: '{ben}' }, { value: 'gone-{run}' }] }],
        { after: [look('/Groups/{sales}', { contains: { members: [{ value: '{ben}' }] } })] },
      ),
      patch(
        'pushes all members now',
        '/Groups/{sales}',
        [
          {
            op: 'replace',
            path: 'members',
            value: [member('ida', 'ida.{run}@example.com'), member('ben', 'ben.{run}@example.com')],
          },
        ],
        { after: [look('/Groups/{sales}', { members: ['ida', 'ben'] })] },
      ),
      patch('renames the group', '/Groups/{sales}', [naming('Sales EMEA {run}')], {
        after: [
          look('/Groups/{sales}', { has: { displayName: 'Sales EMEA {run}' }, members: ['ida', 'ben'] }),
        ],
      }),
      patch('pushes an empty group now', '/Groups/{sales}', [{ op: 'replace', path: 'members', value: [] }], {
        after: [look('/Groups/{sales}', { members: [] })],
      }),
      patch(
        'pushes the group now without a path',
        '/Groups/{sales}',
        [
          {
            op: 'replace',
            value: { id: '{sales}', displayName: 'Sales {run}', members: [member('ida', null)] },
          },
        ],
        { after: [look('/Groups/{sales}', { has: { displayName: 'Sales {run}' }, members: ['ida'] })] },
      ),
    ],
  }),
}

/** An app that a customer made with the App Integration Wizard: PUT for everything. */
export const oktaWizard: Conversation = {
  name: 'okta-wizard',
  title: 'Okta, app of the integration wizard',
  source,
  headers,
  scenes: scenes({
    activate: (active) => [
      get('reads the user', '/Users/{ida}', { keeps: 'ida' }),
      put(
        active ? 'activates the user' : 'deactivates the user',
        '/Users/{ida}',
        { active },
        {
          over: 'ida',
          has: { id: '{ida}', active },
          after: [look('/Users/{ida}', { has: { active, userName: 'ida.{run}@example.com' } })],
        },
      ),
    ],
    password: put(
      'synchronises a password',
      '/Users/{ida}',
      { password: 'n3wP4ss!-{run}' },
      {
        over: 'ida',
        lacks: ['password'],
      },
    ),
    fill: putGroup('adds members', 'Sales {run}', ['ida', 'ben']),
    groups: [
      putGroup('takes one out and puts one in', 'Sales {run}', ['ida', 'cleo']),
      putGroup('renames the group', 'Sales EMEA {run}', ['ida', 'cleo']),
      putGroup('empties the group', 'Sales EMEA {run}', []),
    ],
  }),
}

/** What differs between the two kinds of app. */
interface Dialect {
  activate(active: boolean): Step[]
  readonly password: Step
  readonly fill: Step
  readonly groups: readonly Step[]
}

function scenes({ activate, password, fill, groups }: Dialect): Scene[] {
  return [
    scene(
      'connect',
      get('reads two users', '/Users?startIndex=1&count=2', { filled: ['totalResults'] }),
      get('reads the groups', '/Groups?startIndex=1&count=100', { filled: ['totalResults'], within: 600 }),
    ),
    scene(
      'create',
      get('looks for the user', find, { status: [200, 404], lists: [] }),
      post('creates the user', '/Users', newUser('ida', 'Ida', 'Jonsson'), {
        creates: 'ida',
        has: {
          userName: 'ida.{run}@example.com',
          name: { givenName: 'Ida', familyName: 'Jonsson' },
          emails: [{ primary: true, value: 'ida.{run}@example.com', type: 'work' }],
          active: true,
        },
        lacks: ['password'],
      }),
      post('creates the same once more', '/Users', newUser('ida', 'Ida', 'Jonsson'), { status: [409] }),
      post('creates a second user', '/Users', newUser('ben', 'Ben', 'Holm'), { creates: 'ben' }),
      post(
        'creates a third with an attribute in a namespace that was mistyped',
        '/Users',
        {
          ...newUser('cleo', 'Cleo', 'Dahl'),
          'rn:ietf:params:scim:schemas:extension:Doctor:2.0:User': { tag: 'blue' },
        },
        { creates: 'cleo' },
      ),
      get('finds the user', find, { lists: ['ida'] }),
    ),
    scene(
      'import',
      get('reads all users', '/Users?startIndex={startIndex}&count=100', {
        pages: { size: 100, holds: ['ida', 'ben', 'cleo'] },
      }),
      get('reads all groups', '/Groups?startIndex={startIndex}&count=100', { pages: { size: 100 } }),
      get('reads somebody who is not there', '/Users/010101001010101011001010101011', { status: [404] }),
    ),
    scene(
      'change',
      get('reads the user', '/Users/{ida}', { keeps: 'ida', filled: ['active', 'meta'] }),
      put(
        'puts back what it read with a middle name and a title',
        '/Users/{ida}',
        { name: { middleName: 'Excited' }, title: 'Editor' },
        {
          over: 'ida',
          keeps: 'ida',
          has: { id: '{ida}', name: { givenName: 'Ida', middleName: 'Excited' }, title: 'Editor' },
          after: [look('/Users/{ida}', { has: { name: { middleName: 'Excited' }, active: true } })],
        },
      ),
      put(
        'clears attributes with empty texts',
        '/Users/{ida}',
        { title: '', nickName: '' },
        {
          over: 'ida',
          keeps: 'ida',
          after: [
            look('/Users/{ida}', { lacks: ['title', 'nickName'], has: { displayName: 'Ida Jonsson' } }),
          ],
        },
      ),
      password,
    ),
    scene(
      'groups',
      post(
        'pushes a group',
        '/Groups',
        { schemas: [urn.group], displayName: 'Sales {run}', members: [] },
        {
          creates: 'sales',
          has: { displayName: 'Sales {run}' },
        },
      ),
      fill,
      get('reads the group', '/Groups/{sales}', { members: ['ida', 'ben'], filled: ['members/0/value'] }),
      ...groups,
    ),
    scene(
      'leave',
      ...activate(false),
      get('finds who has left', find, {
        lists: ['ida'],
        has: { Resources: [{ active: false }] },
      }),
    ),
    scene('return', get('finds who has left', find, { lists: ['ida'] }), ...activate(true)),
    scene(
      'unlink',
      del('deletes the group', '/Groups/{sales}', {
        after: [look('/Groups/{sales}', { status: [404] }), look('/Users/{ida}', { has: { active: true } })],
      }),
    ),
  ]
}

function newUser(name: string, givenName: string, familyName: string) {
  return {
    schemas: [urn.user],
    userName: `${name}.{run}@example.com`,
    name: { givenName, familyName },
    emails: [{ primary: true, value: `${name}.{run}@example.com`, type: 'work' }],
    displayName: `${givenName} ${familyName}`,
    locale: 'en-US',
    externalId: `00u-${name}-{run}`,
    groups: [],
    password: 'x7Fp2qLm-{run}',
    active: true,
  }
}

function member(name: string, display: string | null) {
  return { value: `{${name}}`, display }
}

/** Okta repeats the name with every change of membership, and the read-only id with the name. */
function naming(displayName: string): Json {
  return { op: 'replace', value: { id: '{sales}', displayName } }
}

function putGroup(does: string, displayName: string, members: readonly string[]): Step {
  return put(
    does,
    '/Groups/{sales}',
    {
      schemas: [urn.group],
      id: '{sales}',
      displayName,
      members: members.map((name) => member(name, null)),
    },
    { after: [look('/Groups/{sales}', { has: { displayName }, members })] },
  )
}
