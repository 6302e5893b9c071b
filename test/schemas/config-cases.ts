const NO_READER = 'there is no role `reader`: define it in `roles`, or take it out here'
const NO_TEAM = 'there is no user attribute `team`: define it in `userAttributes`, or take it out here'
const NO_MART = 'there is no connection `mart`: define it in `connections`, or take it out here'

/** Wrong configurations, each with the places and messages that must come out. */
export const cases: readonly WrongConfig[] = [
  {
    title: 'an unknown section',
    document: { conections: [] },
    errors: [['conections', '`conections` is not a known setting']],
  },
  {
    title: 'a document that is no object',
    document: 'connections',
    errors: [['', 'should be an object with settings']],
  },
  {
    title: 'unknown keys at any depth, one entry each',
    document: { connections: [{ name: 'a', dialect: 'postgres', colour: 'red', size: 1 }] },
    errors: [
      ['connections[0].colour', '`colour` is not a known setting'],
      ['connections[0].size', '`size` is not a known setting'],
    ],
  },
  {
    title: 'a key that would be lost',
    document: JSON.parse('{"userAttributes":[{"reference":"a","valueMap":{"__proto__":"x"}}]}'),
    errors: [['userAttributes[0].valueMap.__proto__', '`__proto__` cannot be a key']],
  },
  {
    title: 'what is missing',
    document: { connections: [{ name: 'a' }] },
    errors: [['connections[0].dialect', 'is missing: should be a text']],
  },
  {
    title: 'a section that is null',
    document: { rules: null },
    errors: [['rules', 'should be a list']],
  },
  {
    title: 'a value outside a choice',
    document: { directories: [{ name: 'a', provider: 'octa' }] },
    errors: [
      [
        'directories[0].provider',
        'should be one of `okta`, `entra`, `onelogin`, `google`, `jumpcloud`, `ping`, `generic`',
      ],
    ],
  },
  {
    title: 'a tier that is none',
    document: { directories: [{ name: 'a', provider: 'okta', mayGrant: { upTo: 'king' } }] },
    errors: [
      [
        'directories[0].mayGrant.upTo',
        'should be one of `no_access`, `viewer`, `restricted_querier`, `querier`, `modeler`, `connection_admin`',
      ],
    ],
  },
  {
    title: 'a ceiling over an attribute that is not defined',
    document: {
      directories: [{ name: 'a', provider: 'okta', mayGrant: { attributes: { db_role: ['x'] } } }],
    },
    errors: [
      [
        'directories[0].mayGrant.attributes.db_role',
        'there is no user attribute `db_role`: define it in `userAttributes`, or take it out here',
      ],
    ],
  },
  {
    title: 'two directories whose names differ only by case',
    document: {
      directories: [
        { name: 'okta', provider: 'okta' },
        { name: 'Okta', provider: 'okta' },
      ],
    },
    errors: [['directories[1].name', '`Okta` is already the name of another directory']],
  },
  {
    title: 'an extension that is not a URN',
    document: { extensions: [{ urn: 'acme', attributes: [{ name: 'dbRole' }] }] },
    errors: [['extensions[0].urn', 'should be a URN: `urn:acme:params:scim:User`']],
  },
  {
    title: 'an extension under a URN of SCIM itself',
    document: {
      extensions: [{ urn: 'urn:ietf:params:scim:schemas:core:2.0:User', attributes: [{ name: 'dbRole' }] }],
    },
    errors: [['extensions[0].urn', '`urn:ietf:params:scim:schemas:core:2.0:User` is defined by SCIM itself']],
  },
  {
    title: 'a URN that stands twice, in any case',
    document: {
      extensions: [{ urn: 'urn:acme:User', attributes: [{ name: 'dbRole' }] }],
      userAttributeAliases: ['urn:ACME:User', 'urn:signalbox:params:scim:schemas:2.0:UserAttribute'],
    },
    errors: [
      ['userAttributeAliases[0]', '`urn:ACME:User` stands twice'],
      ['userAttributeAliases[1]', '`urn:signalbox:params:scim:schemas:2.0:UserAttribute` stands twice'],
    ],
  },
  {
    title: 'an extension without attributes',
    document: {
      extensions: [{ urn: 'urn:acme:A', attributes: [] }],
    },
    errors: [['extensions[0].attributes', 'should have at least one attribute']],
  },
  {
    title: 'an attribute of an extension that stands twice',
    document: { extensions: [{ urn: 'urn:acme:B', attributes: [{ name: 'x' }, { name: 'X' }] }] },
    errors: [['extensions[0].attributes[1].name', '`X` is already the name of another attribute']],
  },
  {
    title: 'a reference that SCIM could not carry',
    document: { userAttributes: [{ reference: 'db role' }, { reference: '__proto__' }] },
    errors: [
      ['userAttributes[0].reference', 'should be a letter, then letters, digits, `_` or `-`'],
      ['userAttributes[1].reference', 'should be a letter, then letters, digits, `_` or `-`'],
    ],
  },
  {
    title: 'a reference that every object inherits',
    document: { userAttributes: [{ reference: 'constructor' }] },
    errors: [['userAttributes[0].reference', 'should not be the name of something that every object has']],
  },
  {
    title: 'two references that differ only by case',
    document: { userAttributes: [{ reference: 'db_role' }, { reference: 'DB_ROLE' }] },
    errors: [['userAttributes[1].reference', '`DB_ROLE` is already the name of another user attribute']],
  },
  {
    title: 'a default that is not of the type',
    document: { userAttributes: [{ reference: 'level', type: 'number', default: 'high' }] },
    errors: [['userAttributes[0].default', 'should be a number']],
  },
  {
    title: 'a default that is empty',
    document: { userAttributes: [{ reference: 'level', default: ' ' }] },
    errors: [['userAttributes[0].default', 'should be a text that is not empty']],
  },
  {
    title: 'several defaults of an attribute that takes one',
    document: { userAttributes: [{ reference: 'region', default: ['a', 'b'] }] },
    errors: [['userAttributes[0].default', 'should be one value: `region` does not take several']],
  },
  {
    title: 'a default that is no value',
    document: { userAttributes: [{ reference: 'region', default: true }] },
    errors: [['userAttributes[0].default', 'should be a text, a number or a list of them']],
  },
  {
    title: 'a value map that leads to what is no number',
    document: { userAttributes: [{ reference: 'level', type: 'number', valueMap: { HIGH: 'high' } }] },
    errors: [['userAttributes[0].valueMap.HIGH', 'should be a number']],
  },
  {
    title: 'a role whose name has a space',
    document: { roles: [{ name: 'my role', displayName: 'Mine', tier: 'viewer' }] },
    errors: [['roles[0].name', 'should be the name of a role: letters, digits, `_` and `-`']],
  },
  {
    title: 'a custom role that takes the name of a base role, also by its other spelling',
    document: { roles: [{ name: 'QUERY_TOPICS', displayName: 'Mine', tier: 'restricted_querier' }] },
    errors: [['roles[0].name', '`restricted_querier` is a base role, which cannot be changed']],
  },
  {
    title: 'a custom role without access',
    document: { roles: [{ name: 'nobody', displayName: 'Nobody', tier: 'no_access' }] },
    errors: [['roles[0].tier', 'should be a tier above `no_access`']],
  },
  {
    title: 'two roles whose names differ only by case',
    document: {
      roles: [
        { name: 'reader', displayName: 'Reader', tier: 'viewer' },
        { name: 'Reader', displayName: 'Reader', tier: 'viewer' },
      ],
    },
    errors: [['roles[1].name', '`Reader` is already the name of another role']],
  },
  {
    title: 'a permission that does not exist',
    document: { roles: [{ name: 'reader', displayName: 'Reader', tier: 'viewer', without: ['upload'] }] },
    errors: [['roles[0].without[0]', '`upload` is not a permission']],
  },
  {
    title: 'both ways of listing permissions',
    document: {
      roles: [
        {
          name: 'reader',
          displayName: 'Reader',
          tier: 'viewer',
          permissions: ['view_content'],
          without: ['download'],
        },
      ],
    },
    errors: [['roles[0].without', 'should not stand beside `permissions`: use one of them']],
  },
  {
    title: 'a child permission without its parent',
    document: {
      roles: [{ name: 'q', displayName: 'Q', tier: 'querier', without: ['use_workbooks', 'upload_data'] }],
    },
    errors: [
      ['roles[0].without[0]', '`create_spreadsheets` needs its parent `use_workbooks`, which is missing'],
    ],
  },
  {
    title: 'a permission of a tier without the core permission of each lower tier',
    document: {
      roles: [{ name: 'q', displayName: 'Q', tier: 'querier', permissions: ['query_full_model'] }],
    },
    errors: [
      [
        'roles[0].permissions[0]',
        '`query_full_model` needs `view_content`, the core permission of `viewer`, which is missing',
      ],
      [
        'roles[0].permissions[0]',
        '`query_full_model` needs `query_topics`, the core permission of `restricted_querier`, which is missing',
      ],
    ],
  },
  {
    title: 'definitions that were taken out, and everything that still depends on them',
    document: {
      directories: [{ name: 'okta', provider: 'okta', mayGrant: { attributes: { team: ['a'] } } }],
      roleOrder: { viewer: ['reader'] },
      connections: [
        {
          name: 'lake',
          dialect: 'postgres',
          baseRole: 'reader',
          environmentAttribute: 'team',
          environments: [{ connection: 'lake_a', values: ['a'] }],
        },
      ],
      models: [{ name: 'sales', connection: 'mart' }],
      rules: [{ name: 'r', group: 'g', grant: { role: 'reader', on: 'mart' }, set: { team: 'a' } }],
      grants: [{ user: 'ada', role: 'reader', on: { model: 'costs' } }],
      overrides: [{ user: 'ada', attribute: 'team', value: 'a' }],
    },
    errors: [
      ['directories[0].mayGrant.attributes.team', NO_TEAM],
      ['roleOrder.viewer[0]', NO_READER],
      ['connections[0].baseRole', NO_READER],
      [
        'connections[0].environments[0].connection',
        'there is no connection `lake_a`: define it in `connections`, or take it out here',
      ],
      ['connections[0].environmentAttribute', NO_TEAM],
      ['models[0].connection', NO_MART],
      ['rules[0].grant.role', NO_READER],
      ['rules[0].grant.on', NO_MART],
      ['rules[0].set.team', NO_TEAM],
      ['grants[0].role', NO_READER],
      ['grants[0].on.model', 'there is no model `costs`: define it in `models`, or take it out here'],
      ['overrides[0].attribute', NO_TEAM],
    ],
  },
  {
    title: 'a role without its core permission',
    document: {
      roles: [
        {
          name: 'a',
          displayName: 'A',
          tier: 'viewer',
          without: ['view_content', 'download', 'schedule_alert'],
        },
        { name: 'b', displayName: 'B', permissions: [] },
      ],
    },
    errors: [
      ['roles[0].without', 'should leave the role `view_content`, without which it gives no access'],
      ['roles[1].permissions', 'should leave the role `view_content`, without which it gives no access'],
    ],
  },
  {
    title: 'a role that says neither what it may nor what it lacks',
    document: {
      roles: [
        { name: 'a', displayName: 'A' },
        { name: 'b', displayName: 'B', without: ['download'] },
      ],
    },
    errors: [0, 1].map((at) => [
      `roles[${at}]`,
      'should have `permissions`, or a `tier` and what the role lacks of it in `without`',
    ]),
  },
  {
    title: 'an order that puts a role into another tier than its permissions do',
    document: {
      roles: [{ name: 'reader', displayName: 'Reader', permissions: ['view_content'] }],
      roleOrder: { querier: ['reader'] },
    },
    errors: [['roleOrder.querier[0]', '`reader` is a role of tier `viewer`']],
  },
  {
    title: 'a role whose permissions amount to another tier',
    document: {
      roles: [{ name: 'q', displayName: 'Q', tier: 'querier', permissions: ['view_content'] }],
    },
    errors: [
      [
        'roles[0].tier',
        'is `querier`, and the permissions amount to `viewer`: leave `tier` out, or see to it that `query_full_model` is the highest core permission',
      ],
    ],
  },
  {
    title: 'an order that names unknown roles, roles of another tier, and roles twice',
    document: {
      roles: [{ name: 'q', displayName: 'Q', tier: 'querier' }],
      roleOrder: { querier: ['q', 'nobody', 'viewer', 'Q'] },
    },
    errors: [
      ['roleOrder.querier[3]', '`Q` stands twice'],
      ['roleOrder.querier[1]', 'there is no role `nobody`: define it in `roles`, or take it out here'],
      ['roleOrder.querier[2]', '`viewer` is a role of tier `viewer`'],
      ['roleOrder.querier[3]', 'there is no role `Q`: define it in `roles`, or take it out here'],
    ],
  },
  {
    title: 'an order of a tier that does not exist',
    document: { roleOrder: { kings: [] } },
    errors: [['roleOrder.kings', '`kings` is not a known setting']],
  },
  {
    title: 'a name with space around it',
    document: { connections: [{ name: ' warehouse', dialect: 'postgres' }] },
    errors: [['connections[0].name', 'should be a name, without space around it']],
  },
  {
    title: 'a secret that is written down',
    document: {
      connections: [{ name: 'a', dialect: 'postgres', url: 'postgres://app:secret@db/warehouse' }],
    },
    errors: [
      [
        'connections[0].url',
        'should be a reference to a secret, `env:NAME`, `file:/path` or `secret:name`, never the secret itself',
      ],
    ],
  },
  {
    title: 'references to secrets that are none',
    document: {
      connections: ['env:', 'env:A-B', 'secret:', 'secret:a b', 'file:', 'vault:x'].map((url, at) => ({
        name: `c${at}`,
        dialect: 'postgres',
        url,
      })),
    },
    errors: [0, 1, 2, 3, 4, 5].map((at) => [
      `connections[${at}].url`,
      'should be a reference to a secret, `env:NAME`, `file:/path` or `secret:name`, never the secret itself',
    ]),
  },
  {
    title: 'objects of a model that are no names',
    document: {
      connections: [{ name: 'a', dialect: 'postgres' }],
      models: [{ name: 'm', connection: 'a', objects: ['"shop"."orders"', '.orders', 'shop.', ''] }],
    },
    errors: [
      ['models[0].objects[0]', 'should be `schema.table` or `table`, without quotes'],
      ['models[0].objects[1]', 'should be `schema.table` or `table`, without quotes'],
      ['models[0].objects[2]', 'should be `schema.table` or `table`, without quotes'],
      ['models[0].objects[3]', 'should be a name, without space around it'],
    ],
  },
  {
    title: 'a base role that does not exist',
    document: { connections: [{ name: 'a', dialect: 'postgres', baseRole: 'king' }] },
    errors: [
      ['connections[0].baseRole', 'there is no role `king`: define it in `roles`, or take it out here'],
    ],
  },
  {
    title: 'an environment whose connection does not exist',
    document: warehouse({ environments: [{ connection: 'analyst', values: ['x'] }] }),
    errors: [
      [
        'connections[0].environments[0].connection',
        'there is no connection `analyst`: define it in `connections`, or take it out here',
      ],
    ],
  },
  {
    title: 'an environment of another dialect',
    document: warehouse(
      { environments: [{ connection: 'lake', values: ['x'] }] },
      { name: 'lake', dialect: 'snowflake' },
    ),
    errors: [
      [
        'connections[0].environments[0].connection',
        'should have the dialect `postgres` of `warehouse`, not `snowflake`',
      ],
    ],
  },
  {
    title: 'an environment that is the primary connection',
    document: warehouse({ environments: [{ connection: 'warehouse', values: ['x'] }] }),
    errors: [['connections[0].environments[0].connection', '`warehouse` is the primary connection itself']],
  },
  {
    title: 'an environment that stands twice',
    document: warehouse(
      { environments: [{ connection: 'a' }, { connection: 'a' }] },
      { name: 'a', dialect: 'postgres' },
    ),
    errors: [['connections[0].environments[1].connection', '`a` is already an environment of `warehouse`']],
  },
  {
    title: 'a value that leads to two environments',
    document: warehouse(
      {
        environments: [
          { connection: 'a', values: ['x', 'y'] },
          { connection: 'b', values: [' y '] },
        ],
      },
      { name: 'a', dialect: 'postgres' },
      { name: 'b', dialect: 'postgres' },
    ),
    errors: [['connections[0].environments[1].values[0]', '`y` already leads to `a`']],
  },
  {
    title: 'a value of an environment that is one of the primary connection',
    document: warehouse(
      { values: ['x'], environments: [{ connection: 'a', values: ['x'] }] },
      { name: 'a', dialect: 'postgres' },
    ),
    errors: [['connections[0].environments[0].values[0]', '`x` already leads to `warehouse`']],
  },
  {
    title: 'numbers that are one value',
    document: {
      userAttributes: [{ reference: 'level', type: 'number' }],
      connections: [
        { name: 'a', dialect: 'postgres', environmentAttribute: 'level', values: [7, '7.0', 'x'] },
      ],
    },
    errors: [
      ['connections[0].values[1]', '`7` already leads to `a`'],
      ['connections[0].values[2]', 'should be a number'],
    ],
  },
  {
    title: 'an environment attribute that is not defined',
    document: { connections: [{ name: 'a', dialect: 'postgres', environmentAttribute: 'team' }] },
    errors: [
      [
        'connections[0].environmentAttribute',
        'there is no user attribute `team`: define it in `userAttributes`, or take it out here',
      ],
    ],
  },
  {
    title: 'values without an attribute',
    document: { connections: [{ name: 'a', dialect: 'postgres', values: ['x'] }] },
    errors: [
      [
        'connections[0].values',
        'should not stand without `environmentAttribute`, which says whose values they are',
      ],
    ],
  },
  {
    title: 'connections whose names differ only by case',
    document: {
      connections: [
        { name: 'a', dialect: 'postgres' },
        { name: 'A', dialect: 'postgres' },
      ],
    },
    errors: [['connections[1].name', '`A` is already the name of another connection']],
  },
  {
    title: 'a model on a connection that does not exist',
    document: { models: [{ name: 'sales', connection: 'warehouse' }] },
    errors: [
      [
        'models[0].connection',
        'there is no connection `warehouse`: define it in `connections`, or take it out here',
      ],
    ],
  },
  {
    title: 'a rule that applies to nobody and gives nothing',
    document: { rules: [{ name: 'empty' }] },
    errors: [
      ['rules[0]', 'should have `group`, `when` or both: whom it applies to'],
      ['rules[0]', 'should have `grant`, `set` or both: what it gives'],
    ],
  },
  {
    title: 'two rules of one name',
    document: {
      userAttributes: [{ reference: 'team' }],
      rules: [
        { name: 'one', group: 'G', set: { team: 'a' } },
        { name: 'One', group: 'G', set: { team: 'b' } },
      ],
    },
    errors: [['rules[1].name', '`One` is already the name of another rule']],
  },
  {
    title: 'a rule whose role, target and attribute do not exist',
    document: {
      rules: [{ name: 'one', group: 'G', grant: { role: 'king', on: 'castle' }, set: { crown: 'gold' } }],
    },
    errors: [
      ['rules[0].grant.role', 'there is no role `king`: define it in `roles`, or take it out here'],
      [
        'rules[0].grant.on',
        'there is no connection `castle`: define it in `connections`, or take it out here',
      ],
      [
        'rules[0].set.crown',
        'there is no user attribute `crown`: define it in `userAttributes`, or take it out here',
      ],
    ],
  },
  {
    title: 'SCH-10 SCH-21 SCH-26 SCH-28 characteristics that contradict each other or cannot be kept',
    document: {
      extensions: [
        {
          urn: 'urn:acme:User',
          attributes: [
            { name: 'pin', mutability: 'writeOnly', returned: 'default' },
            { name: 'seed', mutability: 'writeOnly', required: true },
            { name: 'stamp', mutability: 'immutable', returned: 'never' },
            { name: 'origin', mutability: 'readOnly', required: true },
            { name: 'key', type: 'binary', caseExact: false },
            { name: 'number', uniqueness: 'global' },
            { name: 'team', referenceTypes: ['Group'] },
          ],
        },
      ],
    },
    errors: [
      ['extensions[0].attributes[0].returned', 'should be `never`, since it is `writeOnly`'],
      [
        'extensions[0].attributes[1].required',
        'should not stand here: what is `never` returned is not kept, so it would always be missing',
      ],
      [
        'extensions[0].attributes[2].mutability',
        'should not be `immutable`: what is `never` returned is not kept, so it cannot stay as it is',
      ],
      [
        'extensions[0].attributes[3].required',
        'should not stand here: it is `readOnly`, so no client could set it',
      ],
      ['extensions[0].attributes[4].caseExact', 'should be `true` for the type `binary`'],
      [
        'extensions[0].attributes[5].uniqueness',
        'should be `server`: nothing is compared across directories, so no value is unique beyond its own',
      ],
      ['extensions[0].attributes[6].referenceTypes', 'should not stand here: the type is not `reference`'],
    ],
  },
  {
    title: 'SCH-26 attributes whose values are not kept, or tell nobody apart, and that are to be looked up',
    document: {
      extensions: [
        {
          urn: 'urn:acme:User',
          attributes: [
            { name: 'badge', uniqueness: 'server', returned: 'never' },
            { name: 'pin', matching: true, mutability: 'writeOnly' },
            { name: 'stamp', uniqueness: 'server', matching: true, mutability: 'readOnly' },
            { name: 'remote', matching: true, type: 'boolean' },
            { name: 'since', uniqueness: 'server', type: 'dateTime' },
            { name: 'key', uniqueness: 'server', type: 'binary' },
            { name: 'fine', uniqueness: 'none', matching: false, type: 'boolean' },
          ],
        },
      ],
    },
    errors: [
      ['extensions[0].attributes[0].uniqueness', 'should be `none`: what is `never` returned is not kept'],
      ['extensions[0].attributes[1].matching', 'should not stand here: what is `never` returned is not kept'],
      [
        'extensions[0].attributes[2].uniqueness',
        'should be `none`: it is `readOnly`, so no client could set it',
      ],
      [
        'extensions[0].attributes[2].matching',
        'should not stand here: it is `readOnly`, so no client could set it',
      ],
      [
        'extensions[0].attributes[3].matching',
        'should not stand here: values of the type `boolean` have no uniqueness',
      ],
      [
        'extensions[0].attributes[4].uniqueness',
        'should be `none`: values of the type `dateTime` have no uniqueness',
      ],
      [
        'extensions[0].attributes[5].uniqueness',
        'should be `none`: values of the type `binary` have no uniqueness',
      ],
    ],
  },
  {
    title: 'a user attribute that is to be unique, which only a SCIM attribute can be',
    document: { userAttributes: [{ reference: 'db_role', uniqueness: 'server' }] },
    errors: [['userAttributes[0].uniqueness', '`uniqueness` is not a known setting']],
  },
  {
    title: 'a URN that no index could hold',
    document: { extensions: [{ urn: `urn:acme:${'x'.repeat(504)}`, attributes: [{ name: 'x' }] }] },
    errors: [['extensions[0].urn', 'should have at most 512 characters']],
  },
  {
    title: 'SCH-28 a reference to what is no kind of resource',
    document: {
      extensions: [
        { urn: 'urn:acme:User', attributes: [{ name: 'x', type: 'reference', referenceTypes: ['Robot'] }] },
      ],
    },
    errors: [
      [
        'extensions[0].attributes[0].referenceTypes[0]',
        'should be one of `User`, `Group`, `external`, `uri`',
      ],
    ],
  },
  {
    title: 'SCH-05 an attribute of a type that SCIM does not have',
    document: { extensions: [{ urn: 'urn:acme:User', attributes: [{ name: 'x', type: 'float' }] }] },
    errors: [
      [
        'extensions[0].attributes[0].type',
        'should be one of `string`, `boolean`, `decimal`, `integer`, `dateTime`, `binary`, `reference`',
      ],
    ],
  },
  {
    title: 'a rule on a model or a connection that does not exist',
    document: {
      rules: [
        { name: 'one', group: 'G', grant: { role: 'viewer', on: { model: 'm' } } },
        { name: 'two', group: 'G', grant: { role: 'viewer', on: { connection: 'c' } } },
      ],
    },
    errors: [
      ['rules[0].grant.on.model', 'there is no model `m`: define it in `models`, or take it out here'],
      [
        'rules[1].grant.on.connection',
        'there is no connection `c`: define it in `connections`, or take it out here',
      ],
    ],
  },
  {
    title: 'a target that is neither connection nor model',
    document: { rules: [{ name: 'one', group: 'G', grant: { role: 'viewer', on: { table: 't' } } }] },
    errors: [
      ['rules[0].grant.on', 'should be the name of a connection, `{ connection: … }` or `{ model: … }`'],
    ],
  },
  {
    title: 'a rule that sets several values where one is taken, and no number',
    document: {
      userAttributes: [{ reference: 'team' }, { reference: 'level', type: 'number' }],
      rules: [{ name: 'one', group: 'G', set: { team: ['a', 'b'], level: 'x' } }],
    },
    errors: [
      ['rules[0].set.team', 'should be one value: `team` does not take several'],
      ['rules[0].set.level', 'should be a number'],
    ],
  },
  {
    title: 'a brake that cannot be meant, and somebody protected without a name',
    document: {
      directories: [
        { name: 'a', provider: 'okta', brake: { users: 0, percent: 101, minutes: 1.5, measure: 'stop' } },
      ],
      protectedUsers: [{ directory: 'a' }],
    },
    errors: [
      ['directories[0].brake.users', 'should be at least 1'],
      ['directories[0].brake.percent', 'should be at most 100'],
      ['directories[0].brake.minutes', 'should be a whole number'],
      ['directories[0].brake.measure', 'should be one of alarm, hold'],
      ['protectedUsers[0].user', 'is missing: should be a text'],
    ],
  },
  {
    title: 'a grant that ends before it begins',
    document: {
      connections: [{ name: 'a', dialect: 'postgres' }],
      grants: [
        {
          user: 'ada',
          role: 'viewer',
          on: 'a',
          from: '2026-02-01T00:00:00Z',
          until: '2026-01-01T00:00:00Z',
        },
      ],
    },
    errors: [['grants[0].until', 'should be later than `from`']],
  },
  {
    title: 'a rule that ends when it begins',
    document: {
      connections: [{ name: 'a', dialect: 'postgres' }],
      rules: [
        {
          name: 'none',
          group: 'g',
          grant: { role: 'viewer', on: 'a' },
          from: '2026-01-01T01:00:00+01:00',
          until: '2026-01-01T00:00:00Z',
        },
      ],
    },
    errors: [['rules[0].until', 'should be later than `from`']],
  },
  {
    title: 'a former name that is taken, and what still goes by one',
    document: {
      userAttributes: [{ reference: 'db_role', formerly: ['role', 'team'] }, { reference: 'Team' }],
      connections: [{ name: 'a', dialect: 'postgres', environmentAttribute: 'role' }],
      overrides: [{ user: 'ada', attribute: 'role', value: 'x' }],
      rules: [{ name: 'r', group: 'g', set: { role: 'x' } }],
    },
    errors: [
      ['userAttributes[0].formerly[1]', '`team` is a name of a user attribute already'],
      [
        'connections[0].environmentAttribute',
        'there is no user attribute `role`: it is called `db_role` now',
      ],
      ['rules[0].set.role', 'there is no user attribute `role`: it is called `db_role` now'],
      ['overrides[0].attribute', 'there is no user attribute `role`: it is called `db_role` now'],
    ],
  },
  {
    title: 'a moment without its time zone',
    document: {
      userAttributes: [{ reference: 'team' }],
      overrides: [{ user: 'ada', attribute: 'team', value: 'a', until: '2027-01-31' }],
    },
    errors: [['overrides[0].until', 'should be a moment with its time zone: `2027-01-31T00:00:00Z`']],
  },
  {
    title: 'overrides of what is not defined, and two of one attribute for one user',
    document: {
      userAttributes: [{ reference: 'team' }],
      overrides: [
        { user: 'ada', attribute: 'team', value: 'a' },
        { user: 'ADA', attribute: 'team', value: 'b' },
        { user: 'ada', attribute: 'crown', value: 'gold' },
      ],
    },
    errors: [
      ['overrides[1]', '`ADA` already has an override of `team`'],
      [
        'overrides[2].attribute',
        'there is no user attribute `crown`: define it in `userAttributes`, or take it out here',
      ],
    ],
  },
]

interface WrongConfig {
  readonly title: string
  readonly document: unknown
  readonly errors: readonly (readonly [path: string, message: string])[]
}

/** A primary connection whose environment follows `team`, and other connections. */
function warehouse(settings: object, ...others: readonly object[]): object {
  const primary = { name: 'warehouse', dialect: 'postgres', environmentAttribute: 'team', ...settings }
  return { userAttributes: [{ reference: 'team' }], connections: [primary, ...others] }
}
