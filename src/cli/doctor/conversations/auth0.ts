import { del, get, look, percent, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = {
  schemas: [urn.user],
  externalId: 'auth0|{run}',
  userName: 'jan.{run}@example.com',
  name: { givenName: 'Jan', familyName: 'Fors' },
  displayName: 'Jan Fors',
  emails: [{ value: 'jan.{run}@example.com', primary: true }],
  active: true,
}
const byExternalId = `/Users?filter=${percent('externalId eq "auth0|{run}"')}`
const byName = `/Users?filter=${percent('userName eq "jan.{run}@example.com"')}`

/** Auth0's outbound action: by external id, then by name; it hangs up after a second and a half. */
export const auth0: Conversation = {
  name: 'auth0',
  title: 'Auth0, outbound SCIM action',
  source:
    'https://raw.githubusercontent.com/auth0/opensource-marketplace/refs/heads/main/templates/outbound-scim-EVENT_STREAM/code.js',
  headers: { 'Content-Type': 'application/scim+json', Accept: 'application/scim+json' },
  patience: 1500,
  scenes: [
    scene(
      'create',
      get('looks by external id', byExternalId, { lists: [] }),
      get('looks by user name', byName, { lists: [] }),
      post('creates the user', '/Users', profile, { creates: 'jan', has: { externalId: 'auth0|{run}' } }),
    ),
    scene(
      'change',
      get('finds the user', byExternalId, { lists: ['jan'] }),
      put(
        'updates the user',
        '/Users/{jan}',
        { ...profile, displayName: 'Jan Fors-Ek' },
        {
          has: { id: '{jan}', displayName: 'Jan Fors-Ek' },
        },
      ),
      put('blocks the user', '/Users/{jan}', { ...profile, active: false }, { has: { active: false } }),
      get('finds who is blocked by name', byName, { lists: ['jan'] }),
      put('lets the user in again', '/Users/{jan}', profile, { has: { active: true } }),
    ),
    scene(
      'delete',
      del('deletes the user', '/Users/{jan}', { after: [look('/Users/{jan}', { status: [404] })] }),
      get('looks for who was deleted', byExternalId, { lists: [] }),
    ),
  ],
}
