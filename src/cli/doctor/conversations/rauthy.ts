import { del, get, look, patch, percent, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = {
  schemas: [urn.user],
  externalId: 'r-{run}',
  userName: 'vera.{run}@example.com',
  name: { givenName: 'Vera', familyName: 'Kvist' },
  emails: [{ value: 'vera.{run}@example.com', primary: true }],
  active: true,
}
const by = (endpoint: string, filter: string): string => `${endpoint}?filter=${percent(filter)}`

/** Rauthy: everything is looked for by external id first; PUT for users, PATCH for groups. */
export const rauthy: Conversation = {
  name: 'rauthy',
  title: 'Rauthy',
  source: 'https://sebadob.github.io/rauthy/work/scim.html',
  headers: { 'Content-Type': 'application/scim+json', Accept: 'application/scim+json' },
  scenes: [
    scene(
      'create',
      get('looks by external id', by('/Users', 'externalId eq "r-{run}"'), { lists: [] }),
      get('looks by user name', by('/Users', 'userName eq "vera.{run}@example.com"'), { lists: [] }),
      post('creates the user', '/Users', profile, { creates: 'vera' }),
      get('finds the user', by('/Users', 'externalId eq "r-{run}"'), { lists: ['vera'] }),
      get('reads the user', '/Users/{vera}', { has: { externalId: 'r-{run}' } }),
    ),
    scene(
      'change',
      put(
        'updates the user',
        '/Users/{vera}',
        { ...profile, displayName: 'Vera Kvist' },
        {
          has: { id: '{vera}', displayName: 'Vera Kvist' },
        },
      ),
    ),
    scene(
      'groups',
      get('looks by external id', by('/Groups', 'externalId eq "rg-{run}"'), { lists: [] }),
      get('looks by name', by('/Groups', 'displayName eq "Admins {run}"'), { lists: [] }),
      post(
        'creates the group',
        '/Groups',
        { schemas: [urn.group], externalId: 'rg-{run}', displayName: 'Admins {run}' },
        { creates: 'admins' },
      ),
      get('finds the group', by('/Groups', 'externalId eq "rg-{run}"'), { lists: ['admins'] }),
      patch(
        'adds the user',
        '/Groups/{admins}',
        [{ op: 'add', path: 'members', value: [{ value: '{vera}', display: 'vera.{run}@example.com' }] }],
        { after: [look('/Groups/{admins}', { members: ['vera'] })] },
      ),
      patch(
        'takes the user out',
        '/Groups/{admins}',
        [{ op: 'remove', path: 'members[value eq "{vera}"]' }],
        { after: [look('/Groups/{admins}', { members: [] })] },
      ),
      patch(
        'renames the group',
        '/Groups/{admins}',
        [{ op: 'replace', path: 'displayName', value: 'Owners {run}' }],
        { after: [look('/Groups/{admins}', { has: { displayName: 'Owners {run}' } })] },
      ),
    ),
    scene(
      'leave',
      put('deactivates the user', '/Users/{vera}', { ...profile, active: false }, { has: { active: false } }),
      get('finds who has left', by('/Users', 'externalId eq "r-{run}"'), { lists: ['vera'] }),
    ),
    scene(
      'delete',
      del('deletes the group', '/Groups/{admins}'),
      del('deletes the user', '/Users/{vera}', { after: [look('/Users/{vera}', { status: [404] })] }),
    ),
  ],
}
