import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commandInProcess } from '../support/cli.ts'
import { engines } from '../support/engines.ts'
import { startServer, type TestServer } from '../support/server.ts'

/** A command and what it has to print, or to fail with. */
type Step = readonly [title: string, args: string, code: number, said: string]

/** One after another, on an installation that has nothing. */
const STEPS: readonly Step[] = [
  [
    'adds a connection',
    'connection add lake --dialect postgres --base-role viewer',
    0,
    'added     connection lake\n',
  ],
  [
    'refuses a name twice',
    'connection add lake --dialect postgres',
    1,
    'there is a connection `lake` already',
  ],
  [
    'adds another',
    'connection add lake_finance --dialect postgres --url env:LAKE_FINANCE',
    0,
    'revision 2 is in force',
  ],
  [
    'adds an attribute',
    'attribute add role --label Role --map FIN=finance ADM=admin',
    0,
    'added     user attribute role',
  ],
  [
    'names the option that is wrong',
    'attribute add level --type figure',
    1,
    '`type` (`--type`): should be one of `string`, `number`',
  ],
  [
    'edits a connection',
    'connection edit lake --environment-attribute role --values admin --no-assign-dynamically',
    0,
    'changed   connection lake',
  ],
  [
    'adds an environment',
    'environment add lake lake_finance --values finance fin',
    0,
    'is off: everybody runs on `lake` itself',
  ],
  [
    'switches dynamic assignment on',
    'connection edit lake --assign-dynamically',
    0,
    'revision 6 is in force',
  ],
  [
    'lists connections',
    'connection list',
    0,
    'lake          postgres  viewer     role       dynamic     lake_finance',
  ],
  ['lists environments', 'environment list lake', 0, 'lake_finance  finance, fin'],
  [
    'edits an environment',
    'environment edit lake lake_finance --grant-groups Finance',
    0,
    'revision 7 is in force',
  ],
  [
    'clears what an option sets',
    'environment edit lake lake_finance --clear grant-groups',
    0,
    'revision 8 is in force',
  ],
  [
    'renames an attribute, and everything follows',
    'attribute edit role --rename db_role',
    0,
    'revision 9 is in force',
  ],
  ['shows what names an entry', 'attribute show db_role', 0, 'connections["lake"].environmentAttribute'],
  [
    'refuses to remove what something rests on',
    'attribute remove db_role --uses remove',
    1,
    'without it everybody would run on the connection itself',
  ],
  [
    'adds a role by what it may',
    'role add picker --display-name Picker --permissions view_content query_topics',
    0,
    'added     role picker',
  ],
  [
    'names the permission that is missing',
    'role edit picker --permissions view_content create_spreadsheets',
    1,
    '`permissions[1]` (`--permissions`): `create_spreadsheets` needs its parent `use_workbooks`, which is missing',
  ],
  [
    'duplicates a base role',
    'role duplicate querier careful --without upload_data',
    0,
    'added     role careful',
  ],
  [
    'refuses to edit a base role',
    'role edit QUERY_TOPICS --display-name Mine',
    1,
    '`restricted_querier` is a base role',
  ],
  ['orders roles inside a tier', 'role order careful --before querier', 0, 'order of roles'],
  ['leaves a role where it is', 'role order picker --position 2', 0, 'no change: revision'],
  ['refuses to order across tiers', 'role order careful --before viewer', 1, 'tiers never move'],
  [
    'lists roles, the strongest first',
    'role list --search quer',
    0,
    'careful             Copy of Querier     querier             1         upload_data',
  ],
  [
    'tells what says nothing',
    'role edit careful --tier viewer',
    0,
    'the tier `viewer` has no `upload_data` anyway',
  ],
  ['undoes it', 'role edit careful --tier querier', 0, 'changed   role careful'],
  ['adds a model', 'model add sales --connection lake --objects shop.orders', 0, 'added     model sales'],
  [
    'adds a model where none belongs',
    'model add stray --connection lake_finance',
    0,
    'an environment of `lake`',
  ],
  ['lists models on environments', 'connection cleanup lake --list', 0, 'stray  lake_finance'],
  ['removes them', 'connection cleanup lake --yes', 0, 'removed   model stray'],
  ['finds none any longer', 'connection cleanup lake --yes', 0, 'no models on environments of lake'],
  [
    'adds a rule',
    'rule add finance --group Finance --role careful --on lake --set db_role=finance',
    0,
    'added     rule finance',
  ],
  [
    'grants a role to a group',
    'grant add --group Admins --role picker --on-model sales --until 2999-01-01T00:00:00Z',
    0,
    'added     rule picker on sales for Admins',
  ],
  ['moves a rule', 'rule order finance --position 2', 0, 'order of rules'],
  [
    'lists rules in their order',
    'rule list',
    0,
    '2  finance                     Finance  -     careful  lake         db_role=finance',
  ],
  ['edits a rule', 'rule edit finance --clear set --until 2999-01-01T00:00:00Z', 0, 'changed   rule finance'],
  [
    'grants a role to a user',
    'grant add --user ada --role modeler --on lake --reason why',
    0,
    'direct grants',
  ],
  [
    'refuses a grant to both',
    'grant add --user ada --group Admins --role viewer --on lake',
    1,
    'a grant is to a user or to a group',
  ],
  [
    'overrides a value',
    'override add --user ada --attribute db_role --value admin --until 2999-01-01T00:00:00Z',
    0,
    'overrides',
  ],
  [
    'warns of what has ended already',
    'override add --user bob --attribute db_role --value admin --until 2020-01-01T00:00:00Z',
    0,
    '+ user bob, attribute db_role, value admin, until 2020-01-01T00:00:00',
  ],
  ['lists no beginning of overrides', 'override list --search bob', 0, 'VALUE  UNTIL '],
  ['finds by name what lint finds', 'lint', 4, '(overrides[1].until): ended for `bob`'],
  [
    'hints at models',
    'grant add --user ada --role viewer --on sales',
    1,
    'a model: write `{ model: sales }`, or `--on-model`',
  ],
  ['takes the connection of a model', 'resolve ada --model sales', 3, 'DENY   ada on sales'],
  ['protects a user', 'protected-user add --user ada --reason admin', 0, 'added     protected users'],
  ['names the uses of a role', 'role remove careful', 1, 'rules["finance"].grant.role'],
  ['says how to remove them', 'role remove careful', 1, 'ask again with `--uses remove`'],
  [
    'refuses an override twice',
    'override add --user ada --attribute db_role --value x',
    1,
    'there is such an override',
  ],
  ['puts another role there', 'role remove careful --replace-with querier', 0, 'removed   role careful'],
  [
    'adds an extension',
    'extension add urn:acme:User --attributes dbRole costCentre:integer',
    0,
    'added     extension',
  ],
  ['lists extensions', 'extension list', 0, 'urn:acme:User  -     dbRole, costCentre  0'],
  [
    'feeds an attribute from it',
    'attribute edit db_role --from urn:acme:User:dbRole',
    0,
    'changed   user attribute',
  ],
  [
    'refuses another revision',
    'model remove sales --based-on 1',
    1,
    'somebody has changed the configuration',
  ],
  ['needs an option to edit', 'model edit sales', 2, 'name an option that changes something'],
  ['counts places from 1', 'rule move finance --position 0', 2, 'Positions count from 1'],
  ['needs a place to move to', 'rule move finance', 2, 'name one of --before, --after and --position'],
  [
    'shows what an edit would do',
    'connection remove lake_finance --uses remove --plan',
    4,
    'removed   connection lake_finance',
  ],
  ['did not do it', 'connection show lake_finance', 0, 'LAKE_FINANCE'],
  ['names what is not there', 'rule show nowhere', 1, 'there is no rule `nowhere`'],
]

describe.each(engines)('commands that edit, on %s,', (engine) => {
  let server: TestServer

  beforeAll(async () => {
    server = await startServer({ engine })
  })
  afterAll(() => server.stop())

  const run = (args: string) => commandInProcess(server, ...args.split(' '))

  it.each(STEPS)('%s', async (_, args, code, said) => {
    const { out, err, ...ended } = await run(args)
    expect(out + err).toContain(said)
    expect(ended.code).toBe(code)
  })

  it('tell programs what is in force and how it was written', async () => {
    const list = async () =>
      (JSON.parse((await run('grant list --json')).out) as { grants: { id: string }[] }).grants
    const [direct, ...others] = await list()
    expect(direct).toMatchObject({ entry: { user: 'ada', role: 'modeler', on: 'lake', reason: 'why' } })
    expect(others).toMatchObject([
      {
        id: 'picker on sales for Admins',
        entry: { group: 'Admins', role: 'picker', on: { model: 'sales' } },
      },
      { id: 'finance', entry: { group: 'Finance', role: 'querier', on: 'lake' } },
    ])
    for (const id of [direct?.id, 'finance']) {
      const removed = JSON.parse((await run(`grant remove ${id} --json`)).out) as object
      expect(removed).toMatchObject({ changes: [{ kind: id === 'finance' ? 'rule' : 'direct grants' }] })
    }
    expect((await list()).map(({ id }) => id)).toEqual(['picker on sales for Admins'])
  })
})
