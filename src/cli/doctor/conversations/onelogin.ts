import { del, get, look, patch, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const schemas = ['urn:scim:schemas:core:2.0', 'urn:scim:schemas:extension:enterprise:2.0']
const find = '/Users?filter=userName+eq+%22lea.{run}%40example.com%22&'

/** OneLogin: schema URNs of its own, an empty User-Agent, and addresses that end with `&` or `?`. */
export const onelogin: Conversation = {
  name: 'onelogin',
  title: 'OneLogin',
  source: 'https://developers.onelogin.com/scim/implement-scim-api',
  headers: { 'Content-Type': 'application/scim+json', 'User-Agent': '' },
  scenes: [
    scene(
      'connect',
      get('looks for somebody who is not there', '/Users?filter=userName+eq+%22nobody.{run}%22&', {
        status: [200, 404],
        lists: [],
      }),
      get('asks for plain JSON', '/Groups', {
        headers: { Accept: 'application/json' },
        type: 'application/json',
      }),
    ),
    scene(
      'create',
      get('looks for the user', find, { status: [200, 404], lists: [] }),
      post(
        'creates the user from a template with gaps',
        '/Users',
        {
          schemas,
          userName: 'lea.{run}@example.com',
          name: { familyName: 'Moe', givenName: 'Lea' },
          emails: [{ value: 'lea.{run}@example.com', primary: true }],
          nickName: null,
          title: null,
          profileUrl: null,
          active: true,
        },
        {
          creates: 'lea',
          has: { userName: 'lea.{run}@example.com', active: true },
          lacks: ['nickName', 'title', 'profileUrl'],
        },
      ),
      get('finds the user', find, { lists: ['lea'] }),
      get('reads the user', '/Users/{lea}', { has: { id: '{lea}' } }),
    ),
    scene(
      'change',
      put(
        'updates the user',
        '/Users/{lea}?',
        {
          schemas,
          userName: 'lea.{run}@example.com',
          name: { familyName: 'Moe-Lind', givenName: 'Lea' },
          emails: [{ value: 'lea.{run}@example.com', primary: true }],
          title: null,
          active: true,
        },
        { has: { id: '{lea}', name: { familyName: 'Moe-Lind' } } },
      ),
      get('lists the users', '/Users', { filled: ['totalResults'] }),
    ),
    scene(
      'groups',
      get('lists the groups', '/Groups', { filled: ['totalResults'] }),
      post(
        'creates a group',
        '/Groups',
        { schemas: [urn.group], displayName: 'Design {run}' },
        {
          creates: 'design',
        },
      ),
      patch(
        'adds the user',
        '/Groups/{design}',
        [{ op: 'add', path: 'members', value: [{ value: '{lea}' }] }],
        { after: [look('/Groups/{design}', { members: ['lea'] })] },
      ),
      patch('takes the user out', '/Groups/{design}', [{ op: 'remove', path: 'members[value eq "{lea}"]' }], {
        after: [look('/Groups/{design}', { members: [] })],
      }),
    ),
    scene(
      'delete',
      del('deletes the user', '/Users/{lea}', { after: [look('/Users/{lea}', { status: [404] })] }),
      get('looks for who was deleted', find, { status: [200, 404], lists: [] }),
    ),
  ],
}
