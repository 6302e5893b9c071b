import { del, get, look, percent, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = (active: boolean) => ({
  schemas: [urn.user],
  userName: 'mia.{run}@example.com',
  name: { givenName: 'Mia', familyName: 'Lund' },
  emails: [{ value: 'mia.{run}@example.com', type: 'work', primary: true }],
  active,
})
const find = `/Users?filter=${percent('userName eq "mia.{run}@example.com"')}`

/** Google Workspace: users only. Its probe is known; the bodies are not public, and these are the plain ones. */
export const google: Conversation = {
  name: 'google',
  title: 'Google Workspace',
  source: 'https://support.google.com/a/answer/7681608',
  headers: { 'Content-Type': 'application/scim+json' },
  scenes: [
    scene('connect', get('reads one user', '/Users?count=1', { has: { startIndex: 1 } })),
    scene(
      'create',
      get('looks for the user', find, { lists: [] }),
      post('creates the user', '/Users', profile(true), { creates: 'mia', has: { active: true } }),
      get('finds the user', find, { lists: ['mia'] }),
    ),
    scene(
      'change',
      put(
        'updates the user',
        '/Users/{mia}',
        { ...profile(true), title: 'Editor' },
        {
          has: { id: '{mia}', title: 'Editor' },
        },
      ),
    ),
    scene(
      'leave and return',
      put('suspends the user', '/Users/{mia}', profile(false), { has: { active: false } }),
      get('finds who is suspended', find, { lists: ['mia'] }),
      put('restores the user', '/Users/{mia}', profile(true), { has: { active: true } }),
    ),
    scene(
      'delete',
      del('deletes the user', '/Users/{mia}', { after: [look('/Users/{mia}', { status: [404] })] }),
    ),
  ],
}
