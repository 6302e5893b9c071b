import { del, get, look, patch, plus, post, scene, urn } from '../conversation.ts'
import type { Conversation, Json, Look, Scene, Step } from '../conversation.ts'

const scimJson = { 'Content-Type': 'application/scim+json' }
const adScimGroup = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group'
const custom = 'urn:ietf:params:scim:schemas:extension:Doctor:2.0:User'
const manager = `${urn.enterprise}:manager`
const appRole = 'WindowsAzureActiveDirectoryRole'

/** What a user needs for the provisioning service to find out that there is nobody. */
const nobody = '8f0b7c52-1d7e-4a55-9f0a-3f2d9c0e77aa'

/** Microsoft Entra ID in its default dialect: capitalised verbs, an operation an attribute, truth values as text. */
export const entra: Conversation = {
  name: 'entra',
  title: 'Microsoft Entra ID',
  source:
    'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups',
  headers: {},
  writes: scimJson,
  scenes: [
    ...scenes(defaultDialect()),
    scene(
      'app roles',
      post(
        'assigns one app role with the user',
        '/Users',
        {
          ...newUser('fia', 'Fia', 'Holm'),
          roles: [{ primary: true, type: appRole, value: 'Admin' }],
        },
        { creates: 'fia', contains: { roles: [{ value: 'Admin', primary: true }] } },
      ),
      patch(
        'assigns another one by value path',
        '/Users/{fia}',
        [{ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'Viewer' }],
        { after: [look('/Users/{fia}', { has: { roles: [{ value: 'Viewer', primary: true }] } })] },
      ),
      patch(
        'adds roles as JSON documents in texts',
        '/Users/{fia}',
        [{ op: 'Add', path: 'roles', value: [jsonRole('25', 'Role1234'), jsonRole('26', 'Role1235')] }],
        {
          after: [
            look('/Users/{fia}', {
              has: { roles: [{ value: 'Viewer' }, { value: '25' }, { value: '26', display: 'Role1235' }] },
            }),
          ],
        },
      ),
      patch(
        'says which roles there are',
        '/Users/{fia}',
        [{ op: 'replace', path: 'roles', value: [role('User'), role('Editor')] }],
        { after: [look('/Users/{fia}', { has: { roles: [{ value: 'User' }, { value: 'Editor' }] } })] },
      ),
      del('purges the user', '/Users/{fia}'),
    ),
  ],
}

/**
 * Entra whose tenant URL carries `?aadOptscim062020`: the verbs of the RFC, and one operation without a path for all
 * that needs no value path. On demand, it speaks the default dialect all the same.
 */
export const entraFlag: Conversation = {
  ...entra,
  name: 'entra-flag',
  title: 'Microsoft Entra ID with aadOptscim062020',
  source:
    'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility',
  query: 'aadOptscim062020',
  scenes: [
    ...scenes(flagDialect()),
    scene(
      'on demand, in the default dialect',
      post('creates somebody', '/Users', newUser('gil', 'Gil', 'Ny'), { creates: 'gil' }),
      ...defaultDialect().change('gil'),
      defaultDialect().activate('gil', false),
      del('purges the user', '/Users/{gil}'),
    ),
  ],
}

/** What differs between the two dialects. */
interface Dialect {
  /** Several attributes of a user at once. */
  change(who: string): Step[]
  add(path: string, value: Json): Json
  replace(path: string, value: Json): Json
  removeMember(who: string): Json
  removeManager(who: string): Json
  activate(who: string, active: boolean): Step
}

function defaultDialect(): Dialect {
  return {
    change: (who) => [
      patch(
        'changes several attributes, an operation each',
        `/Users/{${who}}`,
        [
          { op: 'Replace', path: 'displayName', value: 'Berg-Lund, A.' },
          { op: 'Replace', path: 'emails[type eq "work"].value', value: `${who}.lund.{run}@example.com` },
          { op: 'Replace', path: 'name.givenName', value: 'Ada' },
          { op: 'Replace', path: 'name.familyName', value: 'Berg-Lund' },
          { op: 'Replace', path: 'externalId', value: `${who}-lund-{run}` },
          { op: 'Add', path: `${urn.enterprise}:employeeNumber`, value: '10077' },
        ],
        { after: [changed(who)] },
      ),
    ],
    add: (path, value) => ({ op: 'Add', path, value }),
    replace: (path, value) => ({ op: 'Replace', path, value }),
    removeMember: (who) => ({ op: 'Remove', path: 'members', value: [{ value: `{${who}}` }] }),
    removeManager: () => ({ op: 'Replace', path: manager, value: '' }),
    activate: (who, active) =>
      activation(who, active, { op: 'Replace', path: 'active', value: active ? 'True' : 'False' }),
  }
}

function flagDialect(): Dialect {
  return {
    change: (who) => [
      patch(
        'changes several attributes in one operation without a path',
        `/Users/{${who}}`,
        [
          { op: 'replace', path: 'emails[type eq "work"].value', value: `${who}.lund.{run}@example.com` },
          {
            op: 'replace',
            value: {
              displayName: 'Berg-Lund, A.',
              'name.givenName': 'Ada',
              'name.familyName': 'Berg-Lund',
              externalId: `${who}-lund-{run}`,
              [`${urn.enterprise}:employeeNumber`]: '10077',
            },
          },
        ],
        { after: [changed(who)] },
      ),
    ],
    add: (path, value) => ({ op: 'add', path, value }),
    replace: (path, value) => ({ op: 'replace', path, value }),
    removeMember: (who) => ({ op: 'remove', path: `members[value eq "{${who}}"]` }),
    removeManager: (who) => ({ op: 'remove', path: `${manager}[value eq "{${who}}"]` }),
    activate: (who, active) => activation(who, active, { op: 'replace', path: 'active', value: active }),
  }
}

function changed(who: string): Look {
  return look(`/Users/{${who}}`, {
    has: {
      displayName: 'Berg-Lund, A.',
      externalId: `${who}-lund-{run}`,
      name: { givenName: 'Ada', familyName: 'Berg-Lund' },
      emails: [{ type: 'work', value: `${who}.lund.{run}@example.com` }],
      [urn.enterprise]: { employeeNumber: '10077' },
    },
    lacks: ['name.givenName', 'name.familyName', `${urn.enterprise}:employeeNumber`],
  })
}

function activation(who: string, active: boolean, operation: Json): Step {
  return patch(active ? 'restores somebody' : 'disables somebody', `/Users/{${who}}`, [operation], {
    after: [look(`/Users/{${who}}`, { has: { active } })],
  })
}

function scenes(dialect: Dialect): Scene[] {
  const { add, replace } = dialect
  return [
    scene(
      'connect',
      get('looks for somebody who is not there', `/Users?filter=${plus(`userName eq "${nobody}"`)}`, {
        lists: [],
      }),
      get('opens the attribute mapping', '/Schemas', {
        describes: [
          'userName',
          'active',
          'emails[type eq "work"].value',
          'name.givenName',
          'group.displayName',
        ],
      }),
    ),
    scene(
      'create',
      get('looks by user name', `/Users?filter=${plus('userName eq "ada.{run}@example.com"')}`, {
        lists: [],
      }),
      get('looks by external id', `/Users?filter=${plus('externalId eq "ada-{run}"')}`, { lists: [] }),
      get(
        'looks by work e-mail',
        `/Users?filter=${plus('emails[type eq "work"].value eq "ada.{run}@example.com"')}`,
        { lists: [] },
      ),
      post('creates a manager', '/Users', newUser('cleo', 'Cleo', 'Dahl'), { creates: 'cleo' }),
      post('creates somebody', '/Users', newUser('ada', 'Ada', 'Berg'), {
        creates: 'ada',
        has: {
          userName: 'ada.{run}@example.com',
          active: true,
          externalId: 'ada-{run}',
          name: { givenName: 'Ada', familyName: 'Berg' },
          emails: [{ type: 'work', value: 'ada.{run}@example.com' }],
        },
      }),
      post(
        'creates somebody with a manager as a bare id and an extension that `schemas` does not list',
        '/Users',
        {
          ...newUser('emil', 'Emil', 'Fors'),
          [urn.enterprise]: { department: 'Retail', manager: '{cleo}' },
          [custom]: { tag: '701984' },
        },
        {
          creates: 'emil',
          has: { [urn.enterprise]: { department: 'Retail', manager: { value: '{cleo}' } } },
        },
      ),
      post('creates the same once more', '/Users', newUser('ada', 'Ada', 'Berg'), { status: [409] }),
      get('finds the user by name', `/Users?filter=${plus('userName eq "ADA.{run}@example.com"')}`, {
        lists: ['ada'],
      }),
      get('finds the user by external id', `/Users?filter=${plus('externalId eq "ada-{run}"')}`, {
        lists: ['ada'],
      }),
      get(
        'finds the user by work e-mail',
        `/Users?filter=${plus('emails[type eq "work"].value eq "ada.{run}@example.com"')}`,
        { lists: ['ada'] },
      ),
    ),
    scene(
      'change',
      get('reads the user', '/Users/{ada}', { has: { id: '{ada}', active: true } }),
      ...dialect.change('ada'),
      patch(
        'adds a mobile number and a work address part by part, where there is none',
        '/Users/{ada}',
        [
          replace('phoneNumbers[type eq "mobile"].value', '0701234567'),
          add('addresses[type eq "work"].formatted', 'Storgatan 1'),
          add('addresses[type eq "work"].country', 'SE'),
          add('title', 'Vice President'),
        ],
        {
          after: [
            look('/Users/{ada}', {
              has: {
                phoneNumbers: [{ type: 'mobile', value: '0701234567' }],
                addresses: [{ type: 'work', formatted: 'Storgatan 1', country: 'SE' }],
                title: 'Vice President',
              },
            }),
          ],
        },
      ),
      patch(
        'writes names in other letter case and with the URN of the core schema',
        '/Users/{ada}',
        [
          replace('emails[type eq "work"].Value', 'ada.caps.{run}@example.com'),
          replace(`${urn.user}:nickName`, 'Babs'),
        ],
        {
          after: [
            look('/Users/{ada}', {
              has: { nickName: 'Babs', emails: [{ type: 'work', value: 'ada.caps.{run}@example.com' }] },
            }),
          ],
        },
      ),
      patch(
        'clears attributes with empty texts',
        '/Users/{ada}',
        [replace('nickName', ''), replace('phoneNumbers[type eq "mobile"].value', '')],
        { after: [look('/Users/{ada}', { lacks: ['nickName', 'phoneNumbers/0/value'] })] },
      ),
      patch(
        'gives the user another login',
        '/Users/{ada}',
        [replace('userName', 'ada.lund.{run}@example.com')],
        {
          after: [look('/Users/{ada}', { has: { id: '{ada}', userName: 'ada.lund.{run}@example.com' } })],
        },
      ),
    ),
    scene(
      'manager',
      get(
        'checks the reference before it writes it',
        `/Users?filter=${plus('id eq "{ada}" and manager eq "{cleo}"')}&attributes=id`,
        { lists: [] },
      ),
      patch('sets the manager by a bare id', '/Users/{ada}', [add(manager, '{cleo}')], {
        after: [look('/Users/{ada}', { has: { [urn.enterprise]: { manager: { value: '{cleo}' } } } })],
      }),
      get(
        'finds the reference',
        `/Users?filter=${plus('id eq "{ada}" and manager eq "{cleo}"')}&attributes=id`,
        { lists: ['ada'], lacks: ['Resources/0/userName'] },
      ),
      patch('changes the manager', '/Users/{ada}', [replace(manager, '{emil}')], {
        after: [look('/Users/{ada}', { has: { [urn.enterprise]: { manager: { value: '{emil}' } } } })],
      }),
      patch('takes the manager away', '/Users/{ada}', [dialect.removeManager('emil')], {
        after: [look('/Users/{ada}', { lacks: [`${urn.enterprise}/manager`] })],
      }),
    ),
    scene(
      'groups',
      get(
        'looks for the group',
        `/Groups?excludedAttributes=members&filter=${plus('displayName eq "Support {run}"')}`,
        { lists: [] },
      ),
      post(
        'creates the group without members',
        '/Groups',
        {
          schemas: [urn.group, adScimGroup],
          externalId: 'support-{run}',
          displayName: 'Support {run}',
          meta: { resourceType: 'Group' },
        },
        { creates: 'support', has: { displayName: 'Support {run}' } },
      ),
      get('reads the group without members', '/Groups/{support}?excludedAttributes=members', {
        has: { displayName: 'Support {run}' },
        lacks: ['members'],
      }),
      patch(
        'adds somebody with an empty reference',
        '/Groups/{support}',
        [add('members', [{ $ref: null, value: '{ada}' }])],
        { after: [look('/Groups/{support}', { members: ['ada'] })] },
      ),
      patch(
        'adds several, one of them again',
        '/Groups/{support}',
        [add('members', [{ value: '{ada}' }, { value: '{emil}' }, { value: '{cleo}' }])],
        { after: [look('/Groups/{support}', { members: ['ada', 'emil', 'cleo'] })] },
      ),
      get('reads the full group without members', '/Groups/{support}?excludedAttributes=members', {
        lacks: ['members'],
      }),
      get(
        'finds the group without members',
        `/Groups?excludedAttributes=members&filter=${plus('displayName eq "support {run}"')}`,
        { lists: ['support'], lacks: ['Resources/0/members'] },
      ),
      get(
        'checks a membership',
        `/Groups?filter=${plus('id eq "{support}" and members eq "{emil}"')}&attributes=id`,
        { lists: ['support'] },
      ),
      patch('takes one of the members out', '/Groups/{support}', [dialect.removeMember('emil')], {
        after: [look('/Groups/{support}', { members: ['ada', 'cleo'] })],
      }),
      patch('takes the same out again', '/Groups/{support}', [dialect.removeMember('emil')], {
        after: [look('/Groups/{support}', { members: ['ada', 'cleo'] })],
      }),
      get(
        'checks a membership that is no more',
        `/Groups?filter=${plus('id eq "{support}" and members eq "{emil}"')}&attributes=id`,
        { lists: [] },
      ),
      patch(
        'renames the group',
        '/Groups/{support}',
        [replace('displayName', 'Support EMEA {run}'), add('externalId', 'support-emea-{run}')],
        {
          after: [
            look('/Groups/{support}', {
              has: { displayName: 'Support EMEA {run}', externalId: 'support-emea-{run}' },
              members: ['ada', 'cleo'],
            }),
          ],
        },
      ),
    ),
    scene(
      'leave and return',
      dialect.activate('ada', false),
      get('reads who was disabled', '/Users/{ada}', { has: { active: false } }),
      get('finds who was disabled', `/Users?filter=${plus('userName eq "ada.lund.{run}@example.com"')}`, {
        lists: ['ada'],
        has: { Resources: [{ active: false }] },
      }),
      dialect.activate('ada', true),
      get('finds the memberships kept', '/Groups/{support}', { members: ['ada', 'cleo'] }),
    ),
    scene(
      'account discovery',
      get('reads all accounts', '/Users?startIndex={startIndex}&count=100', {
        pages: { size: 100, holds: ['ada', 'emil', 'cleo'] },
      }),
    ),
    scene(
      'delete',
      del('purges somebody', '/Users/{cleo}', {
        after: [look('/Users/{cleo}', { status: [404] }), look('/Groups/{support}', { members: ['ada'] })],
      }),
      get('looks for who was purged', `/Users?filter=${plus('userName eq "cleo.{run}@example.com"')}`, {
        lists: [],
      }),
      get('reads who was purged', '/Users/{cleo}', { status: [404] }),
      del('purges the others', '/Users/{emil}'),
      del('purges the last one', '/Users/{ada}'),
      del('deletes the group', '/Groups/{support}', {
        after: [look('/Groups/{support}', { status: [404] })],
      }),
    ),
  ]
}

function newUser(name: string, givenName: string, familyName: string) {
  return {
    schemas: [urn.user, urn.enterprise],
    externalId: `${name}-{run}`,
    userName: `${name}.{run}@example.com`,
    active: true,
    displayName: `${givenName} ${familyName}`,
    emails: [{ primary: true, type: 'work', value: `${name}.{run}@example.com` }],
    meta: { resourceType: 'User' },
    name: { formatted: `${givenName} ${familyName}`, familyName, givenName },
    roles: [],
  }
}

function role(value: string) {
  return { primary: false, type: appRole, display: value, value }
}

function jsonRole(value: string, displayName: string) {
  return { value: JSON.stringify({ id: `06b07648-0000-4000-8000-0000000000${value}`, value, displayName }) }
}
