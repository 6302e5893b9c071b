import { describe, expect, it } from '@jest/globals'
import type { DatabaseObject, Identity } from '../../src/databases/database.ts'
import { differencesTo, findingsAbout, type Place } from '../../src/provision/check-findings.ts'

const object = (name: string, other: Partial<DatabaseObject> = {}): DatabaseObject => ({
  schema: 'shop',
  name,
  kind: 'table',
  unqualified: false,
  privileges: ['select'],
  columns: ['id', 'amount'],
  hiddenColumns: [],
  policies: 'none',
  ...other,
})

const place = (
  connection: string,
  objects: readonly DatabaseObject[],
  identity: Partial<Identity> = {},
  complete = true,
): Place => ({
  connection,
  isPrimary: connection === 'primary',
  identity: {
    user: `user_of_${connection}`,
    database: 'shop',
    server: 'PostgreSQL 18',
    superuser: false,
    bypassesPolicies: false,
    mayBecome: [],
    ...identity,
  },
  catalogue: { objects, complete },
})

const orders = object('orders')
const primary = place('primary', [orders])
const tell = (found: Place, models: { name: string; objects: string[] }[] = [], against: Place = primary) =>
  findingsAbout(
    found,
    against,
    models.map((model) => ({ connection: 'primary', ...model })),
  ).map(({ severity, code, text }) => `${severity} ${code}: ${text}`)

describe('differences to the primary', () => {
  const differences = (theirs: DatabaseObject[], ours: DatabaseObject[]) =>
    differencesTo(place('primary', theirs), place('env', ours))
  const none = { missing: false, less: [], more: [], lessColumns: [], moreColumns: [] }

  it('are none between equals, whatever they may do', () => {
    expect(differences([orders, object('closed', { privileges: [], columns: [] })], [orders])).toEqual([])
  })

  it.each<[string, DatabaseObject[], DatabaseObject[], object]>([
    ['a table that is not there', [orders], [], { missing: true, less: ['select'] }],
    [
      'a table that is closed',
      [orders],
      [object('orders', { privileges: [], columns: [], hiddenColumns: ['id', 'amount'] })],
      { less: ['select'] },
    ],
    [
      'fewer privileges',
      [object('orders', { privileges: ['select', 'insert', 'delete'] })],
      [orders],
      { less: ['insert', 'delete'] },
    ],
    [
      'more privileges',
      [orders],
      [object('orders', { privileges: ['select', 'update'] })],
      { more: ['update'] },
    ],
    ['a table of its own', [], [orders], { more: ['select'], moreColumns: ['id', 'amount'] }],
    [
      'a column that is closed',
      [orders],
      [object('orders', { privileges: [], columns: ['id'], hiddenColumns: ['amount'] })],
      { less: ['select'], lessColumns: ['amount'] },
    ],
    [
      'a column that is not there',
      [orders],
      [object('orders', { columns: ['id'] })],
      { lessColumns: ['amount'] },
    ],
  ])('tell of %s', (_, theirs, ours, difference) => {
    expect(differences(theirs, ours)).toEqual([{ object: 'shop.orders', ...none, ...difference }])
  })
})

describe('findings', () => {
  it('are none where an environment may do less and every policy holds', () => {
    expect(tell(place('env', [object('orders', { policies: 'hold' })]))).toEqual([])
    expect(tell(place('env', []))).toEqual([])
  })

  it('name a superuser, the primary too', () => {
    const text =
      'warning bypasses_policies: `root` is a superuser: row policies do not hold for this role, and nothing is refused to it'
    const identity = { user: 'root', superuser: true, bypassesPolicies: true }
    const closed = object('orders', { policies: 'bypassed' })
    expect(tell(place('env', [closed], identity))).toEqual([text])
    const first = place('primary', [closed], identity)
    expect(tell(first, [], first)).toEqual([text])
  })

  it('name an environment that bypasses policies; the primary is there to see everything', () => {
    const identity = { bypassesPolicies: true }
    expect(tell(place('env', [orders], identity))).toEqual([
      'warning bypasses_policies: `user_of_env` has `bypassrls`: row policies do not hold for this role',
    ])
    const first = place('primary', [orders], identity)
    expect(tell(first, [], first)).toEqual([])
  })

  it('name an environment that runs as the user of the primary, in the same database', () => {
    const user = primary.identity.user
    expect(tell(place('env', [orders], { user }))).toEqual([
      'warning same_user: runs as `user_of_primary`, the user of the primary connection `primary`',
    ])
    expect(tell(place('env', [orders], { user, database: 'copy' }))).toEqual([])
  })

  it('name whom an environment may become', () => {
    const mayBecome = [
      { user: 'user_of_primary', bypassesPolicies: false },
      { user: 'root', bypassesPolicies: true },
      { user: 'reader', bypassesPolicies: false },
    ]
    expect(tell(place('env', [orders], { mayBecome }))).toEqual([
      'warning may_become: `user_of_env` is a member of `user_of_primary`, the user of the primary connection `primary`, and may act as it',
      'warning may_become: `user_of_env` is a member of `root`, for whom row policies do not hold, and may act as it',
    ])
  })

  it('name tables and views whose policies do not hold, where something can be read', () => {
    const past = { policies: 'bypassed' } as const
    expect(
      tell(
        place('env', [
          object('orders', past),
          object('orders_view', { ...past, kind: 'view', privileges: [], columns: ['id', 'amount'] }),
          object('closed', { ...past, privileges: [], columns: [] }),
        ]),
        [],
        place('primary', [orders, object('orders_view')]),
      ),
    ).toEqual([
      'warning past_policies: `user_of_env` owns `shop.orders`, so its row policies do not hold for this role; `alter table … force row level security` changes that',
      'warning past_policies: the view `shop.orders_view` is read as its owner, past the row policies of its tables',
    ])
  })

  it('are not made of a primary that owns its tables', () => {
    const first = place('primary', [object('orders', { policies: 'bypassed' })])
    expect(tell(first, [], first)).toEqual([])
  })

  it('name what an environment may do and the primary may not', () => {
    const env = place('env', [
      object('orders', { privileges: ['select', 'delete'] }),
      object('wide', { privileges: [], columns: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }),
    ])
    expect(tell(env)).toEqual([
      'warning more_than_primary: may do more with `shop.orders` than `primary`: delete; the primary should be the most permissive role',
      'warning more_than_primary: may do more with `shop.wide` than `primary`: read `a`, `b`, `c`, `d`, `e` and 2 more; the primary should be the most permissive role',
    ])
  })

  it('tell when not everything was looked at', () => {
    expect(tell(place('env', [orders], {}, false))).toEqual([
      'warning incomplete: there are more than 1 tables and views; the others were not looked at',
    ])
  })

  const sales = (reference: string) => [{ name: 'sales', objects: [reference] }]
  it.each<[string, string, DatabaseObject[], string[]]>([
    ['a table by its schema', 'shop.orders', [orders], []],
    ['a table without its schema', 'orders', [object('orders', { unqualified: true })], []],
    ['a table with a dot in its name', 'shop.a.b', [object('a.b')], []],
    [
      'what is not there',
      'shop.payroll',
      [orders],
      ['error model_object: the model `sales` refers to `shop.payroll`, which is not there'],
    ],
    [
      'what is found by its schema only',
      'orders',
      [orders],
      [
        'error model_object: the model `sales` refers to `orders`, which is not there; there is `shop.orders`, which is found by its schema only',
      ],
    ],
    [
      'what is written otherwise',
      'shop.Orders',
      [orders],
      [
        'error model_object: the model `sales` refers to `shop.Orders`, which is not there; there is `shop.orders`, which is written otherwise',
      ],
    ],
    [
      'what may not be read',
      'shop.orders',
      [object('orders', { privileges: [], columns: [] })],
      ['error model_object: the model `sales` refers to `shop.orders`, which `user_of_env` may not read'],
    ],
    [
      'what may be read in part',
      'shop.orders',
      [object('orders', { privileges: [], columns: ['id'] })],
      [
        'warning model_columns: the model `sales` refers to `shop.orders`, of which `user_of_env` may not read `amount`',
      ],
    ],
  ])('follow a reference of a model to %s', (_, reference, objects, expected) => {
    const first = place('primary', [orders, ...objects.filter(({ name }) => name !== 'orders')])
    expect(tell(place('env', objects), sales(reference), first)).toEqual(expected)
  })

  it('hold for an environment whose primary is out of reach, as far as they can', () => {
    const env = place('env', [object('orders', { privileges: ['select', 'delete'] })], {
      bypassesPolicies: true,
    })
    expect(findingsAbout(env, undefined, []).map(({ code }) => code)).toEqual(['bypasses_policies'])
  })
})
