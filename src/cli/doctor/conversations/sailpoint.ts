import { del, get, look, patch, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = {
  schemas: [urn.user, urn.enterprise],
  userName: 'tove.{run}@example.com',
  name: { givenName: 'Tove', familyName: 'Quist' },
  displayName: 'Tove Quist',
  emails: [{ type: 'work', value: 'tove.{run}@example.com', primary: true }],
  active: true,
  [urn.enterprise]: { department: 'Sales' },
}

/** SailPoint: discovery in full, aggregation in pages of 200, PATCH or PUT by its setting `usePatch`. */
export const sailpoint: Conversation = {
  name: 'sailpoint',
  title: 'SailPoint',
  source:
    'https://documentation.sailpoint.com/connectors/saas/scim_2_0/help/saas_connectivity/scim_2_0_saas/prerequisites.html',
  headers: { 'Content-Type': 'application/scim+json' },
  scenes: [
    scene(
      'connect',
      get('reads what the server can do', '/ServiceProviderConfig', { filled: ['patch/supported'] }),
      get('reads the resource types', '/ResourceTypes', {
        contains: { Resources: [{ name: 'User' }, { name: 'Group' }] },
      }),
      get('reads the schemas', '/Schemas', { describes: ['userName', 'group.displayName'] }),
      get('reads the type of users', '/ResourceTypes/User', { has: { name: 'User', schema: urn.user } }),
      get('reads the type of groups', '/ResourceTypes/Group', { has: { name: 'Group', schema: urn.group } }),
    ),
    scene(
      'create',
      post('creates the account', '/Users', profile, { creates: 'tove', has: { displayName: 'Tove Quist' } }),
      post(
        'creates the group',
        '/Groups',
        { schemas: [urn.group], displayName: 'Partners {run}' },
        {
          creates: 'partners',
        },
      ),
    ),
    scene(
      'aggregation',
      get('reads the accounts', '/Users?startIndex={startIndex}&count=200', {
        pages: { size: 200, holds: ['tove'] },
      }),
      get('reads the groups', '/Groups?startIndex={startIndex}&count=200', {
        pages: { size: 200, holds: ['partners'] },
      }),
      get('reads the account', '/Users/{tove}', { has: { userName: 'tove.{run}@example.com' } }),
    ),
    scene(
      'change',
      patch(
        'patches the account',
        '/Users/{tove}',
        [
          { op: 'replace', path: 'displayName', value: 'Tove Vik' },
          { op: 'replace', path: `${urn.enterprise}:department`, value: 'Support' },
        ],
        {
          after: [
            look('/Users/{tove}', {
              has: { displayName: 'Tove Vik', [urn.enterprise]: { department: 'Support' } },
            }),
          ],
        },
      ),
      put(
        'replaces the account',
        '/Users/{tove}',
        { ...profile, id: '{tove}', title: 'Partner Manager' },
        {
          has: { title: 'Partner Manager', displayName: 'Tove Quist' },
        },
      ),
    ),
    scene(
      'entitlements',
      patch(
        'adds the account to the group',
        '/Groups/{partners}',
        [{ op: 'add', path: 'members', value: [{ value: '{tove}' }] }],
        { after: [look('/Groups/{partners}', { members: ['tove'] })] },
      ),
      get('sees the group at the account', '/Users/{tove}', {
        contains: { groups: [{ value: '{partners}' }] },
      }),
      patch('adds a group through the account, which may be ignored', '/Users/{tove}', [
        { op: 'add', path: 'groups', value: [{ value: '{partners}' }] },
      ]),
      patch(
        'takes the account out',
        '/Groups/{partners}',
        [{ op: 'remove', path: 'members[value eq "{tove}"]' }],
        { after: [look('/Groups/{partners}', { members: [] })] },
      ),
    ),
    scene(
      'leave and return',
      patch('disables the account', '/Users/{tove}', [{ op: 'replace', path: 'active', value: false }], {
        after: [look('/Users/{tove}', { has: { active: false } })],
      }),
      patch('enables the account', '/Users/{tove}', [{ op: 'replace', path: 'active', value: true }], {
        after: [look('/Users/{tove}', { has: { active: true } })],
      }),
    ),
    scene(
      'delete',
      del('deletes the account', '/Users/{tove}', { after: [look('/Users/{tove}', { status: [404] })] }),
      del('deletes the group', '/Groups/{partners}'),
    ),
  ],
}
