import { del, get, look, patch, plus, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = {
  schemas: [urn.user],
  active: true,
  emails: [{ primary: true, type: 'other', value: 'pia.{run}@example.com' }],
  externalId: '9f2d-{run}',
  name: { familyName: '', formatted: 'pia', givenName: 'pia' },
  displayName: 'pia',
  photos: [],
  userName: 'pia.{run}',
}
const { schemas: _schemas, ...bare } = profile
const capabilities = get('reads what the server can do', '/ServiceProviderConfig', {
  has: { patch: { supported: true }, filter: { supported: true } },
  filled: [
    'bulk/maxOperations',
    'changePassword/supported',
    'sort/supported',
    'authenticationSchemes/0/type',
  ],
})

/** authentik: creates first and asks after a conflict, one operation a member, PUT for users. */
export const authentik: Conversation = {
  name: 'authentik',
  title: 'authentik',
  source: 'https://github.com/goauthentik/authentik/blob/main/authentik/providers/scim/clients/users.py',
  headers: { Accept: 'application/scim+json', 'Content-Type': 'application/scim+json' },
  scenes: [
    scene(
      'discovery',
      capabilities,
      get('reads the first groups', '/Groups'),
      get('reads the groups without saying how many', '/Groups?startIndex={startIndex}', { pages: {} }),
      get('reads the users without saying how many', '/Users?startIndex={startIndex}', { pages: {} }),
    ),
    scene(
      'create',
      post('creates the user', '/Users', profile, { creates: 'pia', has: { userName: 'pia.{run}' } }),
      post(
        'creates a second user',
        '/Users',
        {
          ...profile,
          externalId: '9f2e-{run}',
          userName: 'rut.{run}',
        },
        { creates: 'rut' },
      ),
      post('creates the user again, without schemas', '/Users', bare, { status: [409] }),
      get('adopts who is there, the value without quotes', `/Users?filter=${plus('userName eq pia.{run}')}`, {
        lists: ['pia'],
      }),
    ),
    scene(
      'change',
      put(
        'updates the user',
        '/Users/{pia}',
        {
          ...profile,
          id: '{pia}',
          name: { familyName: 'R', formatted: 'Pia R', givenName: 'Pia' },
          displayName: 'Pia R',
        },
        { has: { id: '{pia}', displayName: 'Pia R', name: { familyName: 'R' } } },
      ),
    ),
    scene(
      'groups',
      post(
        'creates the group',
        '/Groups',
        { schemas: [urn.group], externalId: 'ag-{run}', displayName: 'Editors {run}' },
        { creates: 'editors', filled: ['id'] },
      ),
      get('adopts the group', `/Groups?filter=${plus('displayName eq "Editors {run}"')}`, {
        lists: ['editors'],
      }),
      patch(
        'adds members, an operation each',
        '/Groups/{editors}',
        [
          { op: 'add', path: 'members', value: [{ value: '{pia}' }] },
          { op: 'add', path: 'members', value: [{ value: '{rut}' }] },
        ],
        { after: [look('/Groups/{editors}', { members: ['pia', 'rut'] })] },
      ),
      get('compares the members', '/Groups/{editors}', { members: ['pia', 'rut'] }),
      patch(
        'takes a member out by a list of values',
        '/Groups/{editors}',
        [{ op: 'remove', path: 'members', value: [{ value: '{rut}' }] }],
        { after: [look('/Groups/{editors}', { members: ['pia'] })] },
      ),
      patch(
        'updates the group without a path',
        '/Groups/{editors}',
        [
          {
            op: 'replace',
            value: {
              schemas: [urn.group],
              id: '{editors}',
              displayName: 'Authors {run}',
              externalId: 'ag2-{run}',
            },
          },
        ],
        {
          after: [
            look('/Groups/{editors}', {
              has: { displayName: 'Authors {run}', externalId: 'ag2-{run}' },
              members: ['pia'],
            }),
          ],
        },
      ),
    ),
    scene(
      'leave and return',
      capabilities,
      put(
        'deactivates the user',
        '/Users/{pia}',
        { ...profile, id: '{pia}', active: false },
        {
          has: { active: false },
        },
      ),
      put('activates the user', '/Users/{pia}', { ...profile, id: '{pia}' }, { has: { active: true } }),
    ),
    scene(
      'delete',
      del('deletes the group', '/Groups/{editors}'),
      del('deletes the user', '/Users/{pia}', { after: [look('/Users/{pia}', { status: [404] })] }),
      put('updates who is gone: 404 makes it create the user again', '/Users/{pia}', profile, {
        status: [404],
      }),
      post('creates the user again', '/Users', profile, { creates: 'pia' }),
    ),
  ],
}
