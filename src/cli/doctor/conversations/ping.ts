import { del, get, look, patch, percent, post, put, scene, urn } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'

const profile = {
  schemas: [urn.user],
  userName: 'noa.{run}@example.com',
  name: { givenName: 'Noa', familyName: 'Strand' },
  emails: [{ type: 'work', value: 'noa.{run}@example.com', primary: true }],
  active: true,
}

/** PingFederate and PingOne: matching values without quotes, two primary e-mails, users who come in disabled. */
export const ping: Conversation = {
  name: 'ping',
  title: 'PingFederate and PingOne',
  source:
    'https://docs.pingidentity.com/integrations/scim/setup/pf_scim_connector_scim_connector_settings_reference.html',
  headers: { 'Content-Type': 'application/scim+json' },
  scenes: [
    scene(
      'create',
      get('looks by user name', `/Users?filter=${percent('userName eq noa.{run}@example.com')}`, {
        lists: [],
      }),
      get('looks by e-mail', `/Users?filter=${percent('emails eq noa.{run}@example.com')}`, { lists: [] }),
      post('creates the user', '/Users', profile, { creates: 'noa', has: { active: true } }),
      post(
        'creates a user who is disabled',
        '/Users',
        { ...profile, userName: 'sam.{run}@example.com', active: false },
        { creates: 'sam', has: { active: false } },
      ),
      get('finds the user by name', `/Users?filter=${percent('userName eq noa.{run}@example.com')}`, {
        lists: ['noa'],
      }),
      get('finds both by their e-mail', `/Users?filter=${percent('emails eq noa.{run}@example.com')}`, {
        lists: ['noa', 'sam'],
      }),
    ),
    scene(
      'change',
      put(
        'fills both e-mails from one and calls both primary',
        '/Users/{noa}',
        {
          ...profile,
          emails: [
            { type: 'work', value: 'noa.{run}@example.com', primary: true },
            { type: 'home', value: 'noa.{run}@example.com', primary: true },
          ],
        },
        { contains: { emails: [{ type: 'work', value: 'noa.{run}@example.com' }] } },
      ),
      put(
        'enables a user',
        '/Users/{sam}',
        { ...profile, userName: 'sam.{run}@example.com' },
        {
          has: { active: true },
        },
      ),
    ),
    scene(
      'groups',
      get(
        'looks for a group with special characters',
        `/Groups?filter=${percent('displayName eq "R&D (EMEA) {run}"')}`,
        { lists: [] },
      ),
      post(
        'creates the group',
        '/Groups',
        { schemas: [urn.group], displayName: 'R&D (EMEA) {run}' },
        {
          creates: 'research',
        },
      ),
      get('finds the group', `/Groups?filter=${percent('displayName eq "R&D (EMEA) {run}"')}`, {
        lists: ['research'],
      }),
      patch(
        'adds members',
        '/Groups/{research}',
        [{ op: 'add', path: 'members', value: [{ value: '{noa}' }, { value: '{sam}' }] }],
        { after: [look('/Groups/{research}', { members: ['noa', 'sam'] })] },
      ),
      patch(
        'takes a member out',
        '/Groups/{research}',
        [{ op: 'remove', path: 'members[value eq "{sam}"]' }],
        { after: [look('/Groups/{research}', { members: ['noa'] })] },
      ),
    ),
    scene(
      'leave',
      put('disables the user', '/Users/{noa}', { ...profile, active: false }, { has: { active: false } }),
      get('finds who is disabled', `/Users?filter=${percent('userName eq noa.{run}@example.com')}`, {
        lists: ['noa'],
      }),
    ),
    scene(
      'delete',
      del('deletes the group', '/Groups/{research}'),
      del('deletes the user', '/Users/{noa}', { after: [look('/Users/{noa}', { status: [404] })] }),
    ),
  ],
}
