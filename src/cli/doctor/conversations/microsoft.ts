import { del, get, look, patch, percent, post, scene, urn } from '../conversation.ts'
import type { Conversation, Json, Look, Scene, Step } from '../conversation.ts'

const headers = { 'Content-Type': 'application/scim+json; charset=utf-8' }
const { enterprise } = urn
const manager = `${enterprise}:manager`

/** The user of the validator; every test makes its own. */
const fullUser = {
  schemas: [urn.user, enterprise],
  userName: 'Full.{run}.{scene}@Example.com',
  active: true,
  displayName: 'Full {run}',
  title: 'Engineer',
  emails: [{ type: 'work', value: 'Full.{run}.{scene}@Example.com', primary: true }],
  preferredLanguage: 'zu-ZA',
  name: {
    givenName: 'Alden',
    familyName: 'Cortez',
    formatted: 'Felicity',
    middleName: 'Ola',
    honorificPrefix: 'Grady',
    honorificSuffix: 'Deron',
  },
  addresses: [
    {
      type: 'work',
      formatted: '8140 Ferry Lane',
      streetAddress: '3862 Ferry Views',
      locality: 'Ferryville',
      region: 'Wisconsin',
      postalCode: 'gf5 1bz',
      country: 'Burkina Faso',
      primary: true,
    },
  ],
  phoneNumbers: [
    { type: 'work', value: '65-614-7811', primary: true },
    { type: 'mobile', value: '65-614-7812' },
    { type: 'fax', value: '65-614-7813' },
  ],
  [enterprise]: {
    employeeNumber: 'EN-7',
    costCenter: 'CC-7',
    organization: 'Org',
    division: 'Division',
    department: 'Department',
    manager: { value: 'wilhelm' },
  },
  userType: 'Employee',
  nickName: 'Nick',
  locale: 'Lorenzo',
  timezone: 'Africa/Casablanca',
  profileUrl: 'Casimir',
  externalId: 'external-{run}-{scene}',
  roles: [{ primary: 'True', display: 'Display', value: 'Role', type: 'Type' }],
}

/** What the full user has to look like when it is read. */
const fullUserRead: Json = {
  userName: fullUser.userName,
  active: true,
  displayName: fullUser.displayName,
  title: fullUser.title,
  emails: fullUser.emails,
  preferredLanguage: fullUser.preferredLanguage,
  name: fullUser.name,
  addresses: fullUser.addresses,
  phoneNumbers: fullUser.phoneNumbers,
  [enterprise]: fullUser[enterprise],
  userType: fullUser.userType,
  nickName: fullUser.nickName,
  locale: fullUser.locale,
  timezone: fullUser.timezone,
  profileUrl: fullUser.profileUrl,
  externalId: fullUser.externalId,
  roles: [{ primary: true, display: 'Display', value: 'Role', type: 'Type' }],
}

/** Value paths and values that the validator writes, one operation each. */
const replacements: Readonly<Record<string, Json>> = {
  displayName: 'Replaced',
  title: 'Architect',
  preferredLanguage: 'sv-SE',
  userType: 'Contractor',
  nickName: 'Nickie',
  locale: 'Kaci',
  timezone: 'America/Bogota',
  profileUrl: 'Melba',
  externalId: 'replaced-{run}-{scene}',
  'emails[type eq "work"].value': 'Replaced.{run}.{scene}@Example.com',
  'emails[type eq "work"].primary': true,
  'name.givenName': 'Hettie',
  'name.familyName': 'Quitzon',
  'name.formatted': 'Marvin',
  'name.middleName': 'Cleo',
  'name.honorificPrefix': 'Sarai',
  'name.honorificSuffix': 'Nels',
  'addresses[type eq "work"].formatted': '1 Storgatan',
  'addresses[type eq "work"].streetAddress': '2 Storgatan',
  'addresses[type eq "work"].locality': 'Umeå',
  'addresses[type eq "work"].region': 'Norrland',
  'addresses[type eq "work"].postalCode': '90326',
  'addresses[type eq "work"].country': 'Sweden',
  'addresses[type eq "work"].primary': true,
  'phoneNumbers[type eq "work"].value': '65-000-0001',
  'phoneNumbers[type eq "mobile"].value': '65-000-0002',
  'phoneNumbers[type eq "fax"].value': '65-000-0003',
  'phoneNumbers[type eq "work"].primary': true,
  'roles[primary eq "True"].display': 'Editor',
  'roles[primary eq "True"].value': 'editor',
  'roles[primary eq "True"].type': 'Kind',
  [`${enterprise}:employeeNumber`]: 'EN-8',
  [`${enterprise}:costCenter`]: 'CC-8',
  [`${enterprise}:organization`]: 'Other',
  [`${enterprise}:division`]: 'North',
  [`${enterprise}:department`]: 'Research',
}

/** What they make of a user. */
const replaced: Json = {
  displayName: 'Replaced',
  title: 'Architect',
  preferredLanguage: 'sv-SE',
  userType: 'Contractor',
  nickName: 'Nickie',
  locale: 'Kaci',
  timezone: 'America/Bogota',
  profileUrl: 'Melba',
  externalId: 'replaced-{run}-{scene}',
  emails: [{ type: 'work', value: 'Replaced.{run}.{scene}@Example.com', primary: true }],
  name: {
    givenName: 'Hettie',
    familyName: 'Quitzon',
    formatted: 'Marvin',
    middleName: 'Cleo',
    honorificPrefix: 'Sarai',
    honorificSuffix: 'Nels',
  },
  addresses: [
    {
      type: 'work',
      formatted: '1 Storgatan',
      streetAddress: '2 Storgatan',
      locality: 'Umeå',
      region: 'Norrland',
      postalCode: '90326',
      country: 'Sweden',
      primary: true,
    },
  ],
  phoneNumbers: [
    { type: 'work', value: '65-000-0001', primary: true },
    { type: 'mobile', value: '65-000-0002' },
    { type: 'fax', value: '65-000-0003' },
  ],
  roles: [{ primary: true, display: 'Editor', value: 'editor', type: 'Kind' }],
  [enterprise]: {
    employeeNumber: 'EN-8',
    costCenter: 'CC-8',
    organization: 'Other',
    division: 'North',
    department: 'Research',
  },
}

const each = (op: string): Json[] =>
  Object.entries(replacements).map(([path, value]) => ({ op, path, value }))

const createFull = post('creates the full user', '/Users', fullUser, { creates: 'user' })
const smallUser = { schemas: [urn.user], userName: 'Small.{run}.{scene}@Example.com', active: true }
const createSmall = post('creates a user', '/Users', smallUser, { creates: 'user' })
const newGroup = {
  schemas: [urn.group],
  displayName: 'Group {run} {scene}',
  externalId: 'Group-{run}-{scene}',
}
const createGroup = post('creates a group', '/Groups', newGroup, { creates: 'group' })
const users = (filter: string): string => `/Users?filter=${percent(filter)}`
const groups = (filter: string, query = ''): string => `/Groups?${query}filter=${percent(filter)}`
const gone = (path: string): Look => look(path, { status: [404] })
const user = (wanted: Json): Look => look('/Users/{user}', { has: wanted })
const noManager = look('/Users/{user}', { lacks: [`${enterprise}/manager/value`] })
const members = (...names: string[]): Look => look('/Groups/{group}', { members: names })
const one = { startIndex: 1, itemsPerPage: 1, totalResults: 1 }

/** Microsoft's SCIM Validator, from its description: 25 tests, the previews P1 to P7, and the old form of Entra. */
export const microsoftValidator: Conversation = {
  name: 'microsoft-validator',
  title: 'Microsoft, SCIM Validator',
  source: 'https://learn.microsoft.com/en-us/entra/identity/app-provisioning/scim-validator-tutorial',
  headers,
  scenes: [
    scene(
      '1 create user',
      createFull,
      get('finds the user', users(`userName eq "${fullUser.userName}"`), {
        lists: ['user'],
        has: { Resources: [fullUserRead] },
      }),
    ),
    scene(
      '2 duplicate user',
      createFull,
      post('creates the same user', '/Users', fullUser, { status: [409] }),
    ),
    scene(
      '3 filter an existing user',
      createFull,
      get('finds the user', users(`userName eq "${fullUser.userName}"`), { lists: ['user'], has: one }),
      get('finds the user by external id', users('externalId eq "external-{run}-{scene}"'), {
        lists: ['user'],
      }),
    ),
    scene(
      '4 filter an absent user',
      get('looks for somebody', users('userName eq "absent.{run}"'), {
        lists: [],
        has: { totalResults: 0, itemsPerPage: 0 },
        filled: ['startIndex'],
      }),
    ),
    scene(
      '5 filter in other letter case',
      createFull,
      get('finds the user', users('userName eq "fULL.{run}.{scene}@eXAMPLE.COM"'), {
        lists: ['user'],
        has: one,
      }),
    ),
    scene(
      '6 replace attributes, an operation each',
      createFull,
      patch('replaces all of them', '/Users/{user}', each('replace'), { after: [user(replaced)] }),
    ),
    scene(
      '7 update the user name',
      createFull,
      patch(
        'replaces it without a path',
        '/Users/{user}',
        [{ op: 'replace', value: { userName: 'Renamed.{run}.{scene}@Example.com' } }],
        { after: [user({ userName: 'Renamed.{run}.{scene}@Example.com' })] },
      ),
    ),
    scene(
      '8 disable user',
      createFull,
      patch('disables the user', '/Users/{user}', [{ op: 'replace', path: 'active', value: false }], {
        after: [user({ active: false })],
      }),
      get('finds the user', users(`userName eq "${fullUser.userName}"`), {
        lists: ['user'],
        has: { Resources: [{ active: false }] },
      }),
    ),
    scene(
      '9 add attributes, an operation each',
      createSmall,
      patch('adds all of them where there are none', '/Users/{user}', each('add'), {
        after: [user(replaced)],
      }),
    ),
    scene(
      '10 add manager',
      createSmall,
      patch('adds an object', '/Users/{user}', [{ op: 'add', path: manager, value: { value: 'wilma' } }], {
        after: [user({ [enterprise]: { manager: { value: 'wilma' } } })],
      }),
    ),
    scene(
      '11 replace manager',
      createFull,
      patch('replaces by a text', '/Users/{user}', [{ op: 'replace', path: manager, value: 'wilma' }], {
        after: [user({ [enterprise]: { manager: { value: 'wilma' } } })],
      }),
    ),
    scene(
      '12 remove manager',
      createFull,
      patch('removes it', '/Users/{user}', [{ op: 'remove', path: manager }], { after: [noManager] }),
      patch('adds another', '/Users/{user}', [{ op: 'add', path: manager, value: { value: 'wilma' } }]),
      patch(
        'replaces by an object with an empty value',
        '/Users/{user}',
        [{ op: 'replace', path: manager, value: { value: '' } }],
        { after: [noManager] },
      ),
    ),
    scene(
      '13 delete user',
      createFull,
      del('deletes the user', '/Users/{user}', { after: [gone('/Users/{user}')] }),
    ),
    scene('14 create group', createGroup, get('reads the group', '/Groups/{group}', { has: newGroup })),
    scene(
      '15 duplicate group',
      createGroup,
      post('creates the same group: refused or not, as the server is set', '/Groups', newGroup, {
        status: [201, 409],
      }),
    ),
    scene(
      '16 read group without members',
      createSmall,
      post(
        'creates a group with a member',
        '/Groups',
        { ...newGroup, members: [{ value: '{user}' }] },
        {
          creates: 'group',
        },
      ),
      get('reads it without', '/Groups/{group}?excludedAttributes=members', {
        has: newGroup,
        lacks: ['members'],
      }),
    ),
    scene(
      '17 filter group, without members',
      createSmall,
      post(
        'creates a group with a member',
        '/Groups',
        { ...newGroup, members: [{ value: '{user}' }] },
        {
          creates: 'group',
        },
      ),
      get('finds it', groups(`displayName eq "${newGroup.displayName}"`, 'excludedAttributes=members&'), {
        lists: ['group'],
        has: one,
        lacks: ['Resources/0/members'],
      }),
    ),
    scene(
      '18 filter group, in full',
      createSmall,
      post(
        'creates a group with a member',
        '/Groups',
        { ...newGroup, members: [{ value: '{user}' }] },
        {
          creates: 'group',
          after: [members('user')],
        },
      ),
      get('finds it by name', groups(`displayName eq "${newGroup.displayName}"`), {
        lists: ['group'],
        has: { Resources: [newGroup] },
      }),
      get('finds it by external id', groups(`externalId eq "${newGroup.externalId}"`), { lists: ['group'] }),
    ),
    scene(
      '19 filter an absent group',
      get('looks for it', groups('displayName eq "Absent {run}"'), { lists: [], has: { totalResults: 0 } }),
    ),
    scene(
      '20 filter group in other letter case',
      createGroup,
      get('finds it by name', groups('displayName eq "gROUP {run} {scene}"'), { lists: ['group'] }),
      get('does not by external id', groups('externalId eq "gROUP-{run}-{scene}"'), { lists: [] }),
    ),
    scene(
      '21 update the name of a group',
      createGroup,
      patch(
        'replaces it without a path',
        '/Groups/{group}',
        [{ op: 'replace', value: { displayName: 'Renamed {run} {scene}' } }],
        { after: [look('/Groups/{group}', { has: { displayName: 'Renamed {run} {scene}' } })] },
      ),
    ),
    scene(
      '22 update the external id of a group',
      createGroup,
      patch(
        'replaces it without a path',
        '/Groups/{group}',
        [{ op: 'replace', value: { externalId: 'Renamed-{run}-{scene}' } }],
        { after: [look('/Groups/{group}', { has: { externalId: 'Renamed-{run}-{scene}' } })] },
      ),
    ),
    scene(
      '23 add member',
      createSmall,
      createGroup,
      patch(
        'adds the user',
        '/Groups/{group}',
        [{ op: 'Add', path: 'members', value: [{ value: '{user}' }] }],
        { after: [members('user')] },
      ),
    ),
    scene(
      '24 remove member',
      ...threeMembers(),
      patch(
        'removes one by value filter',
        '/Groups/{group}',
        [{ op: 'remove', path: 'members[value eq "{user}"]' }],
        { after: [members('second', 'third')] },
      ),
      patch(
        'removes one by a list of values',
        '/Groups/{group}',
        [{ op: 'Remove', path: 'members', value: [{ value: '{second}' }] }],
        { after: [members('third')] },
      ),
    ),
    scene(
      '25 delete group',
      createGroup,
      del('deletes the group', '/Groups/{group}', { after: [gone('/Groups/{group}')] }),
    ),
    scene(
      'P1 several operations on different attributes',
      createFull,
      patch(
        'removes, adds and replaces',
        '/Users/{user}',
        [
          { op: 'remove', path: 'nickName' },
          { op: 'add', path: 'emails[type eq "home"].value', value: 'home.{run}@example.com' },
          { op: 'replace', path: 'title', value: 'Architect' },
        ],
        {
          after: [
            look('/Users/{user}', {
              lacks: ['nickName'],
              contains: { title: 'Architect', emails: [{ type: 'home', value: 'home.{run}@example.com' }] },
            }),
          ],
        },
      ),
    ),
    scene(
      'P2 several operations on the same attribute',
      createFull,
      patch(
        'removes, adds and replaces',
        '/Users/{user}',
        [
          { op: 'remove', path: 'title' },
          { op: 'add', path: 'title', value: 'First' },
          { op: 'replace', path: 'title', value: 'Last' },
        ],
        { after: [user({ title: 'Last' })] },
      ),
    ),
    scene('P3 delete an unknown user', del('deletes it', '/Users/nobody-{run}', { status: [404] })),
    scene('P4 delete an unknown group', del('deletes it', '/Groups/nothing-{run}', { status: [404] })),
    scene(
      'P5 delete a user twice',
      createSmall,
      del('deletes the user', '/Users/{user}'),
      del('deletes the user again', '/Users/{user}', { status: [404] }),
    ),
    scene(
      'P6 delete a group twice',
      createGroup,
      del('deletes the group', '/Groups/{group}'),
      del('deletes the group again', '/Groups/{group}', { status: [404] }),
    ),
    scene(
      'P7 add and remove the same member',
      createSmall,
      createGroup,
      patch(
        'does both in one request',
        '/Groups/{group}',
        [
          { op: 'add', path: 'members', value: [{ value: '{user}' }] },
          { op: 'remove', path: 'members[value eq "{user}"]' },
        ],
        { after: [members()] },
      ),
    ),
    scene(
      'Q1 disable in the old form',
      createSmall,
      patch('disables the user', '/Users/{user}', [{ op: 'Replace', path: 'active', value: 'False' }], {
        after: [user({ active: false })],
      }),
      patch('sends no operation at all', '/Users/{user}', [], { after: [user({ active: false })] }),
    ),
  ],
}

function threeMembers(): Step[] {
  const others = ['second', 'third'].map((name) =>
    post(
      `creates a ${name} user`,
      '/Users',
      { ...smallUser, userName: `${name}.{run}.{scene}` },
      {
        creates: name,
      },
    ),
  )
  const all = ['user', 'second', 'third'].map((name) => ({ value: `{${name}}` }))
  return [
    createSmall,
    ...others,
    createGroup,
    patch('adds three members', '/Groups/{group}', [{ op: 'Add', path: 'members', value: all }], {
      after: [members('user', 'second', 'third')],
    }),
  ]
}

const entraUser = { ...smallUser, userName: 'Entra.{run}.{scene}@Example.com', displayName: 'Entra {run}' }
const findEntraUser = users(`userName eq "${entraUser.userName}"`)

/** Provisioning of one user through Entra, as all tests of the gallery begin that go through it. */
const throughEntra: readonly Step[] = [
  get('looks for the user', findEntraUser, { lists: [] }),
  post('creates the user', '/Users', entraUser, { creates: 'user', has: { userName: entraUser.userName } }),
]
const groupThroughEntra: readonly Step[] = [
  get(
    'looks for the group',
    groups(`displayName eq "${newGroup.displayName}"`, 'excludedAttributes=members&'),
    {
      lists: [],
    },
  ),
  createGroup,
]
const disable = patch(
  'disables the user',
  '/Users/{user}',
  [{ op: 'replace', path: 'active', value: false }],
  {
    after: [user({ active: false })],
  },
)
const setManager = (op: string, value: Json, after: Look): Step =>
  patch(`${op}s the manager`, '/Users/{user}', [{ op, path: manager, value }], { after: [after] })
const managed = (by: string): Look => user({ [enterprise]: { manager: { value: by } } })
const boss = (name: string): Step =>
  post(
    `creates ${name}`,
    '/Users',
    { ...smallUser, userName: `${name}.{run}.{scene}@Example.com` },
    {
      creates: name,
    },
  )
const singleValued = ['displayName', 'nickName', 'title', 'userType', 'externalId']
/** The test excuses `id` alone: `externalId` has to stand in both schemas, which RFC 7643 §3.1 allows. */
const mapped = [
  'externalId',
  'userName',
  'displayName',
  'active',
  'title',
  'preferredLanguage',
  'name.givenName',
  'name.familyName',
  'name.formatted',
  'emails[type eq "work"].value',
  'emails[type eq "other"].value',
  'phoneNumbers[type eq "work"].value',
  'phoneNumbers[type eq "mobile"].value',
  'phoneNumbers[type eq "fax"].value',
  'addresses[type eq "work"].formatted',
  'addresses[type eq "work"].streetAddress',
  'addresses[type eq "work"].locality',
  'addresses[type eq "work"].region',
  'addresses[type eq "work"].postalCode',
  'addresses[type eq "work"].country',
  `${enterprise}:employeeNumber`,
  `${enterprise}:department`,
  `${enterprise}:manager`,
  'group.displayName',
  'group.externalId',
  'group.members',
]
const clearable = {
  title: 'Engineer',
  [enterprise]: { department: 'Department' },
  phoneNumbers: [{ type: 'mobile', value: '65-614-7812' }],
}
const cleared = look('/Users/{user}', {
  lacks: ['title', `${enterprise}/department`, 'phoneNumbers/0/value'],
})
const clear = (value: Json): Json[] =>
  ['title', `${enterprise}:department`, 'phoneNumbers[type eq "mobile"].value'].map((path) => ({
    op: 'replace',
    path,
    value,
  }))
const paged = (endpoint: string, body: (index: number) => Json): Scene['steps'] => [
  ...Array.from({ length: 11 }, (_, index) =>
    post(`creates number ${index + 1}`, endpoint, body(index), { creates: `page${index}` }),
  ),
  get('reads them in pages of five', `${endpoint}?startIndex={startIndex}&count=5`, {
    pages: { size: 5, holds: Array.from({ length: 11 }, (_, index) => `page${index}`) },
  }),
]

/**
 * Microsoft's 25 automated tests for the listing in its gallery, from their description, but for the two about tokens,
 * which need a token endpoint (`oauth`).
 */
export const microsoftGallery: Conversation = {
  name: 'microsoft-gallery',
  title: 'Microsoft, tests for the application gallery',
  source:
    'https://github.com/AzureAD/SCIMReferenceCode/blob/master/Microsoft.SCIM.LogicAppValidationTemplate/StandardLogicApp/SCIM-Validation-Test-Overview.md',
  headers,
  scenes: [
    scene(
      '1 create user through Entra',
      ...throughEntra,
      get('finds the user', findEntraUser, { lists: ['user'] }),
    ),
    scene(
      '2 update user through Entra',
      ...throughEntra,
      patch('changes a name', '/Users/{user}', [{ op: 'Replace', path: 'displayName', value: 'Updated' }], {
        after: [user({ displayName: 'Updated' })],
      }),
    ),
    scene(
      '3 disable user through Entra',
      ...throughEntra,
      disable,
      get('finds the user', findEntraUser, { lists: ['user'], has: { Resources: [{ active: false }] } }),
    ),
    scene(
      '4 restore user',
      ...throughEntra,
      disable,
      get('finds the user', findEntraUser, { lists: ['user'] }),
      patch('assigns the user again', '/Users/{user}', [{ op: 'replace', path: 'active', value: true }], {
        after: [user({ active: true, userName: entraUser.userName })],
      }),
    ),
    scene(
      '5 update manager through Entra',
      ...throughEntra,
      boss('cleo'),
      boss('dora'),
      setManager('Add', '{cleo}', managed('{cleo}')),
      setManager('Replace', '{dora}', managed('{dora}')),
      patch('removes the manager', '/Users/{user}', [{ op: 'Remove', path: manager }], {
        after: [noManager],
      }),
    ),
    scene(
      '6 SCIM_Update_Manager',
      createSmall,
      boss('cleo'),
      boss('dora'),
      setManager('Add', '{cleo}', managed('{cleo}')),
      setManager('Replace', '{dora}', managed('{dora}')),
      setManager('Replace', '', noManager),
    ),
    scene(
      '7 provision on demand: user',
      ...throughEntra,
      get('finds the user', findEntraUser, { lists: ['user'] }),
    ),
    scene(
      '8 provision on demand: group',
      ...groupThroughEntra,
      createSmall,
      patch(
        'adds a member',
        '/Groups/{group}',
        [{ op: 'Add', path: 'members', value: [{ value: '{user}' }] }],
        {
          after: [members('user')],
        },
      ),
    ),
    scene(
      '9 create group through Entra',
      ...groupThroughEntra,
      get('finds the group', groups(`displayName eq "${newGroup.displayName}"`), { lists: ['group'] }),
    ),
    scene(
      '10 update group through Entra',
      ...groupThroughEntra,
      patch(
        'renames it',
        '/Groups/{group}',
        [{ op: 'Replace', path: 'displayName', value: 'Updated {run} {scene}' }],
        { after: [look('/Groups/{group}', { has: { displayName: 'Updated {run} {scene}' } })] },
      ),
    ),
    scene(
      '11 add member through Entra',
      createSmall,
      ...groupThroughEntra,
      patch(
        'adds the user',
        '/Groups/{group}',
        [{ op: 'Add', path: 'members', value: [{ $ref: null, value: '{user}' }] }],
        { after: [members('user')] },
      ),
    ),
    scene(
      '12 remove member through Entra',
      ...threeMembers(),
      patch(
        'removes one',
        '/Groups/{group}',
        [{ op: 'Remove', path: 'members', value: [{ value: '{second}' }] }],
        { after: [members('user', 'third')] },
      ),
    ),
    scene('13 Schema_Discoverability', get('reads the schemas', '/Schemas', { describes: mapped })),
    scene(
      '14 SCIM_Null_Update',
      post('creates a user', '/Users', { ...smallUser, ...clearable }, { creates: 'user', has: clearable }),
      patch('clears with empty texts', '/Users/{user}', clear(''), { after: [cleared] }),
      patch('clears with null', '/Users/{user}', clear(null), { after: [cleared] }),
      patch('sets them again', '/Users/{user}', [{ op: 'replace', value: clearable }], {
        after: [user(clearable)],
      }),
      patch('clears with null what is there', '/Users/{user}', clear(null), { after: [cleared] }),
    ),
    scene(
      '15 SCIM_User_Create',
      post('creates a user', '/Users', smallUser, {
        status: [200, 201],
        creates: 'user',
        has: { userName: smallUser.userName },
        filled: ['id'],
      }),
    ),
    scene(
      '16 SCIM_Group_Create',
      post('creates a group', '/Groups', newGroup, {
        status: [200, 201],
        creates: 'group',
        has: { displayName: newGroup.displayName },
        filled: ['id'],
      }),
    ),
    scene(
      '17 SCIM_User_Update',
      createSmall,
      patch(
        'replaces every attribute with one value by something random',
        '/Users/{user}',
        [...singleValued, `${enterprise}:employeeNumber`, `${enterprise}:department`]
          .map((path): Json => ({ op: 'replace', path, value: `random {run} ${path.split(':').at(-1)}` }))
          .concat({ op: 'replace', path: 'active', value: false }),
        {
          after: [
            user({
              ...Object.fromEntries(singleValued.map((name) => [name, `random {run} ${name}`])),
              [enterprise]: {
                employeeNumber: 'random {run} employeeNumber',
                department: 'random {run} department',
              },
              active: false,
            }),
          ],
        },
      ),
    ),
    scene(
      '18 SCIM_Group_Update',
      createGroup,
      patch(
        'replaces both attributes by something random',
        '/Groups/{group}',
        [
          { op: 'replace', path: 'displayName', value: 'random {run} {scene}' },
          { op: 'replace', path: 'externalId', value: 'random-{run}-{scene}' },
        ],
        {
          after: [
            look('/Groups/{group}', {
              has: { displayName: 'random {run} {scene}', externalId: 'random-{run}-{scene}' },
            }),
          ],
        },
      ),
    ),
    scene(
      '21 SCIM_User_Pagination',
      ...paged('/Users', (index) => ({ ...smallUser, userName: `page${index}.{run}@example.com` })),
    ),
    scene(
      '22 SCIM_Group_Pagination',
      ...paged('/Groups', (index) => ({ schemas: [urn.group], displayName: `Page ${index} {run}` })),
    ),
    scene(
      '23 delete user',
      ...throughEntra,
      del('deletes the user', '/Users/{user}', { after: [gone('/Users/{user}')] }),
      get('looks for the user', findEntraUser, { lists: [] }),
    ),
    scene(
      '24 delete group',
      ...groupThroughEntra,
      del('deletes the group', '/Groups/{group}', { after: [gone('/Groups/{group}')] }),
    ),
    scene(
      '25 restore group',
      ...groupThroughEntra,
      del('deletes the group', '/Groups/{group}'),
      ...groupThroughEntra,
    ),
    scene(
      '25 requests a second',
      get('asks 25 times at once', users('userName eq "absent.{run}"'), {
        times: 25,
        within: 1000,
        lists: [],
      }),
    ),
  ],
}
