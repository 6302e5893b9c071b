import { del, get, look, patch, percent, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = (name: string, active: boolean) => ({
  schemas: [urn.user],
  userName: `${name}.{run}@example.com`,
  name: { givenName: 'Ola', familyName: 'Vik' },
  emails: [{ value: `${name}.{run}@example.com`, type: 'work', primary: true }],
  active,
})
const find = `/Users?filter=${percent('userName eq "ola.{run}@example.com"')}`

/** JumpCloud: its connection test makes a user and a group; groups come with their first member. */
export const jumpcloud: Conversation = {
  name: 'jumpcloud',
  title: 'JumpCloud',
  source:
    'https://jumpcloud.com/support/provision-and-manage-users-and-groups-in-apps-using-custom-scim-identity-management-integration',
  headers: { 'Content-Type': 'application/scim+json' },
  scenes: [
    scene(
      'connect',
      post('creates a test user', '/Users', profile('scim-test', true), {
        creates: 'test',
        has: { userName: 'scim-test.{run}@example.com', active: true },
      }),
      post(
        'creates a test group',
        '/Groups',
        { schemas: [urn.group], displayName: 'scim-test-{run}' },
        { creates: 'testers' },
      ),
      del('deletes the test user', '/Users/{test}', { after: [look('/Users/{test}', { status: [404] })] }),
      del('deletes the test group', '/Groups/{testers}', {
        after: [look('/Groups/{testers}', { status: [404] })],
      }),
    ),
    scene(
      'connect again, after a change of the settings',
      post('creates the same test user', '/Users', profile('scim-test', true), { creates: 'test' }),
      del('deletes it', '/Users/{test}'),
    ),
    scene(
      'create',
      get('looks for the user', find, { lists: [] }),
      post('creates the user', '/Users', profile('ola', true), { creates: 'ola' }),
      post('creates a second user', '/Users', profile('uma', true), { creates: 'uma' }),
      get('finds the user', find, { lists: ['ola'] }),
    ),
    scene(
      'change',
      put(
        'updates the user',
        '/Users/{ola}',
        { ...profile('ola', true), id: '{ola}', title: 'Trainer' },
        { has: { id: '{ola}', title: 'Trainer' } },
      ),
    ),
    scene(
      'groups',
      get('looks for the group', `/Groups?filter=${percent('displayName eq "Design {run}"')}`, {
        lists: [],
      }),
      post(
        'creates the group with its first member',
        '/Groups',
        { schemas: [urn.group], displayName: 'Design {run}', members: [{ value: '{ola}' }] },
        { creates: 'design', after: [look('/Groups/{design}', { members: ['ola'] })] },
      ),
      patch(
        'adds a member',
        '/Groups/{design}',
        [{ op: 'add', path: 'members', value: [{ value: '{uma}' }] }],
        { after: [look('/Groups/{design}', { members: ['ola', 'uma'] })] },
      ),
      patch(
        'takes a member out by a list of values',
        '/Groups/{design}',
        [{ op: 'remove', path: 'members', value: [{ value: '{ola}' }] }],
        { after: [look('/Groups/{design}', { members: ['uma'] })] },
      ),
      patch(
        'renames the group',
        '/Groups/{design}',
        [{ op: 'replace', value: { displayName: 'Design EMEA {run}' } }],
        {
          after: [look('/Groups/{design}', { has: { displayName: 'Design EMEA {run}' }, members: ['uma'] })],
        },
      ),
    ),
    scene(
      'leave and return',
      put(
        'deprovisions the user',
        '/Users/{ola}',
        { ...profile('ola', false), id: '{ola}' },
        {
          has: { active: false },
        },
      ),
      get('finds who has left', find, { lists: ['ola'], has: { Resources: [{ active: false }] } }),
      put(
        'provisions the user again',
        '/Users/{ola}',
        { ...profile('ola', true), id: '{ola}' },
        {
          has: { active: true },
        },
      ),
    ),
    scene(
      'delete',
      del('deletes the group', '/Groups/{design}'),
      del('deletes the user', '/Users/{ola}', { after: [look('/Users/{ola}', { status: [404] })] }),
    ),
  ],
}
