import type { Entry } from '../../provision/edit/document.ts'
import type { EntryView } from '../../provision/edit/read.ts'
import type { SectionName } from '../../provision/edit/sections.ts'
import { list, pairs, targets, text, toggle, values, type Field } from './fields.ts'

/** The command by which a section of the configuration is edited. */
export interface SectionCommand {
  readonly command: string
  readonly section: SectionName
  readonly about: string
  /** What an entry is written with. */
  readonly fields: readonly Field[]
  /** What is listed of an entry, by the title of its column. */
  readonly columns: Readonly<Record<string, (view: EntryView) => unknown>>
  /** What of another section people look for here. */
  readonly alsoIn?: AlsoIn
}

/** Entries of another section that are listed and removed beside those of a section. */
export interface AlsoIn {
  readonly section: SectionName
  /** The entry as one of this section; undefined: it is none. */
  as(entry: Entry): Entry | undefined
}

const environmentFields: readonly Field[] = [
  list('--values <value...>', 'the attribute values that lead there', 'values'),
  list('--grant-users <name...>', 'users who may ask for it by name', 'grantTo.users'),
  list('--grant-groups <name...>', 'groups whose members may ask for it by name', 'grantTo.groups'),
  text('--grant-directory <name>', 'only users and groups of this directory', 'grantTo.directory'),
]

const periodFields: readonly Field[] = [
  text('--from <moment>', 'when it begins: 2027-01-31T00:00:00Z'),
  text('--until <moment>', 'when it ends'),
  text('--reason <text>', 'why; decisions show it'),
]

const periodColumns: SectionCommand['columns'] = {
  FROM: ({ entry }) => entry['from'],
  UNTIL: ({ entry }) => entry['until'],
}

const directory = text('--directory <name>', 'only in this directory')

/** What is granted, and what is set. */
const onOf = (on: unknown): unknown =>
  typeof on === 'object' && on !== null
    ? Object.entries(on)
        .map(([kind, name]) => (kind === 'model' ? `model ${String(name)}` : String(name)))
        .join(' ')
    : on
const grantOf = ({ grant }: Entry): Entry => (grant ?? {}) as Entry
const setOf = ({ set }: Entry): unknown =>
  Object.entries((set ?? {}) as Record<string, string | readonly string[]>).map(
    ([name, values]) => `${name}=${[values].flat().join('+')}`,
  )
const attributeIn = (given: string): Entry => {
  const [name, type] = given.split(':')
  return { name, ...(type !== undefined && { type }) }
}
const uses = ({ useCount }: EntryView): number => useCount

export const ROLE: SectionCommand = {
  command: 'role',
  section: 'roles',
  about: 'roles: base roles, and custom ones that are variations inside a tier',
  fields: [
    text('--display-name <text>', 'what people call it'),
    text('--description <text>', 'what it is for'),
    list(
      '--permissions <id...>',
      'all its permissions; the tier is that of the highest core permission',
      'permissions',
    ),
    text('--tier <tier>', 'its tier, with --without'),
    list('--without <id...>', 'the permissions of the tier that it lacks', 'without'),
  ],
  columns: {
    NAME: ({ id }) => id,
    'DISPLAY NAME': ({ entry }) => entry['displayName'],
    TIER: ({ facts }) => facts['tier'],
    PRIORITY: ({ facts }) => facts['position'],
    WITHOUT: ({ facts }) => (facts['exceptions'] as { missing: string[] }).missing,
    AND: ({ facts }) => (facts['exceptions'] as { added: string[] }).added,
    USES: uses,
  },
}

export const CONNECTION: SectionCommand = {
  command: 'connection',
  section: 'connections',
  about: 'database connections: primary ones, and those that are their environments',
  fields: [
    text('--dialect <dialect>', 'the kind of database: postgres, sqlite, snowflake …'),
    text('--url <reference>', 'where its URL is: env:NAME, file:/path or secret:name, never the URL itself'),
    text('--base-role <role>', 'what everybody has here at least'),
    text('--environment-attribute <reference>', 'the user attribute whose value decides the environment'),
    ...environmentFields,
    toggle('assign-dynamically', 'whether values decide the environment'),
    text('--when-unmatched <what>', 'without a value that leads somewhere: deny or base'),
    text('--when-ambiguous <what>', 'with values that lead to several places: deny or firstInOrder'),
  ],
  columns: {
    NAME: ({ id }) => id,
    DIALECT: ({ entry }) => entry['dialect'],
    'BASE ROLE': ({ entry }) => entry['baseRole'],
    ATTRIBUTE: ({ entry }) => entry['environmentAttribute'],
    ASSIGNMENT: ({ entry }) =>
      entry['environmentAttribute'] === undefined
        ? undefined
        : entry['assignDynamically'] === false
          ? 'off'
          : 'dynamic',
    ENVIRONMENTS: ({ facts }) => facts['environments'],
    'ENVIRONMENT OF': ({ facts }) => facts['environmentOf'],
    MODELS: ({ facts }) => facts['models'],
  },
}

/** Every section that is edited by a command of its own. */
export const SECTION_COMMANDS: readonly SectionCommand[] = [
  ROLE,
  {
    command: 'attribute',
    section: 'user-attributes',
    about: 'user attributes: the named values that people have, such as `db_role`',
    fields: [
      text('--label <text>', 'what people call it'),
      text('--description <text>', 'what it is for'),
      text('--type <type>', 'string or number'),
      toggle('multiple', 'whether a user may have several values'),
      values('--default <value...>', 'what a user has when nothing else gives a value'),
      text('--from <path>', 'the SCIM attribute that feeds it, such as `department` of an extension'),
      pairs('--map <sent=meant...>', 'translates what the identity provider sends', 'valueMap'),
      toggle('matching', 'whether identity providers find people by it'),
      list('--formerly <name...>', 'its old names, the first one first; --rename writes them'),
    ],
    columns: {
      REFERENCE: ({ id }) => id,
      LABEL: ({ entry }) => entry['label'],
      TYPE: ({ entry }) => entry['type'] ?? 'string',
      MULTIPLE: ({ entry }) => (entry['multiple'] === true ? 'yes' : undefined),
      FROM: ({ entry }) => entry['from'],
      DEFAULT: ({ entry }) => entry['default'],
      FORMERLY: ({ entry }) => entry['formerly'],
      USES: uses,
    },
  },
  {
    command: 'extension',
    section: 'extensions',
    about: 'further SCIM schemas of users',
    fields: [
      text('--label <text>', 'what people call it', 'name'),
      text('--description <text>', 'what it is for'),
      {
        ...list(
          '--attributes <name:type...>',
          'its attributes; what else they say is in --settings',
          'attributes',
        ),
        written: (given) => (given as readonly string[]).map(attributeIn),
      },
    ],
    columns: {
      URN: ({ id }) => id,
      NAME: ({ entry }) => entry['name'],
      ATTRIBUTES: ({ entry }) => (entry['attributes'] as readonly { name: string }[]).map(({ name }) => name),
      USES: uses,
    },
  },
  CONNECTION,
  {
    command: 'environment',
    section: 'environments',
    about: 'the environments of a connection, with the values that lead there',
    fields: environmentFields,
    columns: {
      CONNECTION: ({ id }) => id,
      VALUES: ({ entry }) => entry['values'],
      USERS: ({ entry }) => ((entry['grantTo'] ?? {}) as Entry)['users'],
      GROUPS: ({ entry }) => ((entry['grantTo'] ?? {}) as Entry)['groups'],
    },
  },
  {
    command: 'model',
    section: 'models',
    about: 'data models, with what they refer to',
    fields: [
      text('--connection <name>', 'the connection that it is built on'),
      list('--objects <name...>', 'tables and views: schema.table or table'),
    ],
    columns: {
      NAME: ({ id }) => id,
      CONNECTION: ({ entry }) => entry['connection'],
      OBJECTS: ({ entry }) => (entry['objects'] as unknown[] | undefined)?.length,
      USES: uses,
    },
  },
  {
    command: 'rule',
    section: 'rules',
    about: 'rules: who is in a group or matches a filter gets a role, and values; the first decides a value',
    fields: [
      directory,
      text('--group <name>', 'members of this group, nested groups included'),
      text('--when <filter>', 'who matches this SCIM filter'),
      text('--role <role>', 'the role that it grants', 'grant.role'),
      ...targets('grant.on'),
      pairs('--set <attribute=value...>', 'values that it sets', 'set'),
      ...periodFields,
    ],
    columns: {
      '#': ({ facts }) => facts['position'],
      NAME: ({ id }) => id,
      GROUP: ({ entry }) => entry['group'],
      WHEN: ({ entry }) => entry['when'],
      ROLE: ({ entry }) => grantOf(entry)['role'],
      ON: ({ entry }) => onOf(grantOf(entry)['on']),
      SETS: ({ entry }) => setOf(entry),
      ...periodColumns,
    },
  },
  {
    command: 'grant',
    section: 'grants',
    about: 'roles for one user each, or for a group: such a grant is a rule, and has its name for an id',
    fields: [
      text('--user <name>', 'a user name'),
      text('--group <name>', 'a group instead: makes a rule'),
      directory,
      text('--role <role>', 'the role'),
      ...targets('on'),
      ...periodFields,
    ],
    columns: {
      ID: ({ id }) => id,
      USER: ({ entry }) => entry['user'],
      GROUP: ({ entry }) => entry['group'],
      DIRECTORY: ({ entry }) => entry['directory'],
      ROLE: ({ entry }) => entry['role'],
      ON: ({ entry }) => onOf(entry['on']),
      ...periodColumns,
      REASON: ({ entry }) => entry['reason'],
    },
    alsoIn: {
      section: 'rules',
      as: ({ name: _, grant, when, set, ...more }) =>
        more['group'] === undefined || grant === undefined || when !== undefined || set !== undefined
          ? undefined
          : { ...more, ...(grant as Entry) },
    },
  },
  {
    command: 'override',
    section: 'overrides',
    about: 'attribute values for one user each, before everything else',
    fields: [
      text('--user <name>', 'a user name'),
      directory,
      text('--attribute <reference>', 'the user attribute'),
      values('--value <value...>', 'its value'),
      text('--until <moment>', 'when it ends'),
      text('--reason <text>', 'why; decisions show it'),
    ],
    columns: {
      ID: ({ id }) => id,
      USER: ({ entry }) => entry['user'],
      DIRECTORY: ({ entry }) => entry['directory'],
      ATTRIBUTE: ({ entry }) => entry['attribute'],
      VALUE: ({ entry }) => entry['value'],
      UNTIL: ({ entry }) => entry['until'],
      REASON: ({ entry }) => entry['reason'],
    },
  },
  {
    command: 'protected-user',
    section: 'protected-users',
    about: 'users who lose nothing by what a directory sends, until an administrator releases it',
    fields: [text('--user <name>', 'a user name'), directory, text('--reason <text>', 'why')],
    columns: {
      ID: ({ id }) => id,
      USER: ({ entry }) => entry['user'],
      DIRECTORY: ({ entry }) => entry['directory'],
      REASON: ({ entry }) => entry['reason'],
    },
  },
]
