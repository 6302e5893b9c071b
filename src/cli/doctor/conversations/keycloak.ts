import { del, get, look, patch, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = {
  schemas: [urn.user],
  externalId: 'kc-{run}',
  userName: 'ola.{run}',
  displayName: 'Ola Pihl',
  name: { givenName: 'Ola', familyName: 'Pihl' },
  emails: [{ value: 'ola.{run}@example.com' }],
  active: true,
  roles: [{ value: 'editor' }],
}

/** The SCIM client plug-in for Keycloak: no lookups, `"true"` for true, five seconds of patience. */
export const keycloak: Conversation = {
  name: 'keycloak',
  title: 'Keycloak with the SCIM client plug-in',
  source: 'https://github.com/mitodl/keycloak-scim',
  headers: { 'Content-Type': 'application/scim+json' },
  patience: 5000,
  scenes: [
    scene('import', get('reads all users', '/Users'), get('reads all groups', '/Groups')),
    scene(
      'create',
      post('creates the user', '/Users', profile, {
        creates: 'ola',
        has: { userName: 'ola.{run}', externalId: 'kc-{run}', roles: [{ value: 'editor' }] },
      }),
      post(
        'creates a second user',
        '/Users',
        {
          ...profile,
          externalId: 'kc2-{run}',
          userName: 'uma.{run}',
        },
        { creates: 'uma' },
      ),
    ),
    scene(
      'change',
      put(
        'replaces the user',
        '/Users/{ola}',
        { ...profile, id: '{ola}', displayName: 'Ola Quist', roles: [] },
        {
          has: { id: '{ola}', displayName: 'Ola Quist' },
          after: [look('/Users/{ola}', { lacks: ['roles/0'] })],
        },
      ),
      patch(
        'patches the user, truth as text',
        '/Users/{ola}',
        [
          { op: 'replace', path: 'active', value: 'false' },
          { op: 'replace', path: 'userName', value: 'ola.{run}' },
          { op: 'replace', path: 'displayName', value: 'Ola Vik' },
        ],
        { after: [look('/Users/{ola}', { has: { active: false, displayName: 'Ola Vik' } })] },
      ),
      patch('brings the user back', '/Users/{ola}', [{ op: 'replace', path: 'active', value: 'true' }], {
        after: [look('/Users/{ola}', { has: { active: true } })],
      }),
    ),
    scene(
      'groups',
      post(
        'creates a group with relative references',
        '/Groups',
        {
          schemas: [urn.group],
          externalId: 'kcg-{run}',
          displayName: 'Editors {run}',
          members: [{ value: '{ola}', $ref: 'Users/{ola}' }],
        },
        { creates: 'editors', after: [look('/Groups/{editors}', { members: ['ola'] })] },
      ),
      patch(
        'patches all members',
        '/Groups/{editors}',
        [
          { op: 'replace', path: 'members', value: [{ value: '{ola}' }, { value: '{uma}' }] },
          { op: 'replace', path: 'displayName', value: 'Editors {run}' },
          { op: 'replace', path: 'externalId', value: 'kcg-{run}' },
        ],
        { after: [look('/Groups/{editors}', { members: ['ola', 'uma'] })] },
      ),
      patch(
        'empties the group by removing null',
        '/Groups/{editors}',
        [{ op: 'remove', path: 'members', value: null }],
        { after: [look('/Groups/{editors}', { members: [] })] },
      ),
      put(
        'puts a member back',
        '/Groups/{editors}',
        {
          schemas: [urn.group],
          id: '{editors}',
          externalId: 'kcg-{run}',
          displayName: 'Editors {run}',
          members: [{ value: '{uma}', $ref: 'Users/{uma}' }],
        },
        { after: [look('/Groups/{editors}', { members: ['uma'] })] },
      ),
      put(
        'empties the group by leaving the members out',
        '/Groups/{editors}',
        { schemas: [urn.group], id: '{editors}', externalId: 'kcg-{run}', displayName: 'Editors {run}' },
        { after: [look('/Groups/{editors}', { members: [] })] },
      ),
    ),
    scene(
      'delete',
      del('deletes the user', '/Users/{ola}', { after: [look('/Users/{ola}', { status: [404] })] }),
      del('deletes the group', '/Groups/{editors}'),
    ),
  ],
}
