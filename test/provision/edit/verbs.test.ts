import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { parseConfig } from '../../../schemas/config.ts'
import { addEntry } from '../../../src/provision/edit/add.ts'
import { changeEntry } from '../../../src/provision/edit/change.ts'
import type { Document } from '../../../src/provision/edit/document.ts'
import type { Where } from '../../../src/provision/edit/entries.ts'
import { removeExtraModels } from '../../../src/provision/edit/extra-models.ts'
import { grantToGroup } from '../../../src/provision/edit/grant-to-group.ts'
import { moveEntry } from '../../../src/provision/edit/move.ts'
import { removeEntry } from '../../../src/provision/edit/remove.ts'
import { checkRole, duplicateRole } from '../../../src/provision/edit/roles.ts'
import { Problem } from '../../../src/provision/problem.ts'
import { ACME, entryOf } from '../../support/acme.ts'

/** Everything that is named: a section and the name of one of its entries. */
const NAMED: readonly (readonly [Where, string])[] = [
  [{ section: 'user-attributes' }, 'db_role'],
  [{ section: 'roles' }, 'no_upload'],
  [{ section: 'connections' }, 'warehouse'],
  [{ section: 'connections' }, 'warehouse_finance'],
  [{ section: 'models' }, 'orders'],
  [{ section: 'models' }, 'extra'],
  [{ section: 'rules' }, 'finance people'],
]

describe('a rename', () => {
  it.each(NAMED)(
    'of %j leaves a configuration that is right and says the same by the new name',
    (where, id) => {
      const key = where.section === 'user-attributes' ? 'reference' : 'name'
      const { document, at } = changeEntry(ACME, where, id, { [key]: 'renamed' })
      expect(parseConfig(document)).toMatchObject({ ok: true })
      expect(at).toEqual({ ...where, id: 'renamed' })
      const written = JSON.stringify(document, (setting, value: unknown) =>
        setting === 'formerly' ? undefined : value,
      )
      expect(written).not.toContain(`"${id}"`)
      expect(changeEntry(document, where, 'renamed', { [key]: id }).document).toEqual(ACME)
    },
  )

  it('of a user attribute reaches into filters, and leaves quoted texts alone', () => {
    const { document } = changeEntry(ACME, { section: 'user-attributes' }, 'db_role', { reference: 'db' })
    expect(entryOf(document, 'rules', 'by filter')['when']).toBe(
      'urn:signalbox:params:scim:schemas:2.0:UserAttribute:db eq "urn:signalbox:params:scim:schemas:2.0:UserAttribute:db_role" or urn:acme:UserAttribute:db pr',
    )
  })

  it('of a user attribute keeps the former names, the first one first, and is undone by going back to it', () => {
    const where = { section: 'user-attributes' } as const
    const rename = (document: Document, from: string, to: string) =>
      changeEntry(document, where, from, { reference: to }).document
    const twice = rename(rename(ACME, 'db_role', 'role_b'), 'role_b', 'role_c')
    expect(entryOf(twice, 'user-attributes', 'role_c')['formerly']).toEqual(['db_role', 'role_b'])
    expect(entryOf(rename(twice, 'role_c', 'role_b'), 'user-attributes', 'role_b')['formerly']).toEqual([
      'db_role',
      'role_c',
    ])
    expect(rename(twice, 'role_c', 'db_role')).toEqual(ACME)
    expect(() => rename(ACME, 'db_role', 'DB_ROLE')).toThrow('only differs by case')
  })

  it('is refused where the name is taken, in another letter case too', () => {
    expect(() => changeEntry(ACME, { section: 'roles' }, 'no_upload', { name: 'No_Download' })).toThrow(
      'there is a role `no_download` already',
    )
  })

  it('takes another letter case of the own name', () => {
    const { document } = changeEntry(ACME, { section: 'connections' }, 'warehouse', { name: 'Warehouse' })
    expect(parseConfig(document)).toMatchObject({ ok: true })
  })

  it('of an extension is refused, since people keep their values under it', () => {
    expect(() =>
      changeEntry(ACME, { section: 'extensions' }, 'urn:acme:User', { urn: 'urn:acme:Person' }),
    ).toThrow('keeps its name')
  })
})

describe('a removal', () => {
  it.each<[Where, string, readonly string[]]>([
    [
      { section: 'roles' },
      'no_upload',
      ['connections["lake"].baseRole', 'rules["finance people"].grant.role', 'grants["ID"].role'],
    ],
    [
      { section: 'connections' },
      'warehouse_finance',
      ['connections["warehouse"].environments["warehouse_finance"].connection', 'models["extra"].connection'],
    ],
    [{ section: 'models' }, 'orders', ['rules["modelers"].grant.on.model']],
    [
      { section: 'user-attributes' },
      'level',
      [
        'rules["by level"].set.level',
        'overrides["ID"].attribute',
        'directories["okta"].mayGrant.attributes.level',
      ],
    ],
    [
      { section: 'connections' },
      'lake',
      ['models["orders"].connection', 'rules["modelers"].grant.on.model', 'grants["ID"].on.connection'],
    ],
  ])('of %j %s names its uses, and takes them out when asked again', (where, id, uses) => {
    const refusal = problemOf(() => removeEntry(ACME, where, id))
    expect(refusal.status).toBe(409)
    expect(refusal.errors?.map(({ path }) => path.replace(/"[0-9a-f]{16}"/, '"ID"'))).toEqual(uses)
    const { document } = removeEntry(ACME, where, id, { uses: 'remove' })
    expect(parseConfig(document)).toMatchObject({ ok: true })
    expect(JSON.stringify(document)).not.toContain(`"${id}"`)
  })

  it('keeps what a rule gives besides, and takes out a rule that gives nothing any longer', () => {
    const { document } = removeEntry(ACME, { section: 'roles' }, 'no_upload', { uses: 'remove' })
    expect(entryOf(document, 'rules', 'finance people')).toEqual({
      name: 'finance people',
      group: 'Finance',
      set: { db_role: 'finance' },
    })
    const without = removeEntry(ACME, { section: 'user-attributes' }, 'level', { uses: 'remove' }).document
    expect(() => entryOf(without, 'rules', 'by level')).toThrow('there is no rule')
  })

  it('of a role puts another one in its place when asked to', () => {
    const { document } = removeEntry(ACME, { section: 'roles' }, 'no_upload', { replaceWith: 'VIEWER' })
    expect(parseConfig(document)).toMatchObject({ ok: true })
    expect(entryOf(document, 'connections', 'lake')['baseRole']).toBe('viewer')
    expect(entryOf(document, 'rules', 'finance people')['grant']).toEqual({ role: 'viewer', on: 'warehouse' })
  })

  it.each<[Where, string, string]>([
    [{ section: 'user-attributes' }, 'db_role', 'everybody would run on the connection itself'],
    [{ section: 'extensions' }, 'urn:acme:User', 'feeds that attribute'],
  ])('of %j %s is refused for good while something rests on it', (where, id, why) => {
    const refusal = problemOf(() => removeEntry(ACME, where, id, { uses: 'remove' }))
    expect(refusal.errors?.[0]?.message).toContain(why)
  })

  it('of an environment is refused for good where its people would run on the connection itself', () => {
    const open = changeEntry(ACME, { section: 'connections' }, 'warehouse', {
      whenUnmatched: 'base',
    }).document
    const refusal = problemOf(() =>
      removeEntry(open, { section: 'connections' }, 'warehouse_finance', { uses: 'remove' }),
    )
    expect(refusal.errors?.map(({ path }) => path)).toEqual([
      'connections["warehouse"].environments["warehouse_finance"].connection',
    ])
  })

  it.each(['viewer', 'QUERY_TOPICS'])('of the base role %s is refused', (id) => {
    expect(() => removeEntry(ACME, { section: 'roles' }, id, { uses: 'remove' })).toThrow(
      'can be neither changed nor removed',
    )
  })

  it('of models on environments leaves those of the connection itself', () => {
    const { document } = removeExtraModels(ACME, 'warehouse', { confirm: 'warehouse' })
    expect((document['models'] as object[]).map((one) => (one as { name: string }).name)).toEqual(['orders'])
    expect(() => removeExtraModels(ACME, 'warehouse', { model: 'orders' })).toThrow(
      '`orders` is no model on an environment',
    )
  })
})

describe('an order', () => {
  const namesOf = (document: Document, list: string): unknown[] =>
    (document[list] as Record<string, unknown>[]).map((one) => one['name'] ?? one['connection'])

  it('of rules is a permutation in which the moved one stands where it should', () => {
    const names = namesOf(ACME, 'rules') as string[]
    const other = fc.constantFrom(...names)
    fc.assert(
      fc.property(other, other, fc.boolean(), (moved, beside, before) => {
        fc.pre(moved !== beside)
        const to = before ? { before: beside } : { after: beside }
        const order = namesOf(moveEntry(ACME, { section: 'rules' }, moved, to).document, 'rules')
        expect(order.indexOf(moved) - order.indexOf(beside)).toBe(before ? -1 : 1)
        expect(order.filter((name) => name !== moved)).toEqual(names.filter((name) => name !== moved))
      }),
    )
  })

  it('of environments counts positions from 1', () => {
    const where = { section: 'environments', within: 'warehouse' } as const
    const { document } = moveEntry(ACME, where, 'warehouse_finance', { position: 1 })
    const environments = entryOf(document, 'connections', 'warehouse')['environments'] as object[]
    expect(environments[0]).toMatchObject({ connection: 'warehouse_finance' })
  })

  it('of roles moves the base role too, and never a tier', () => {
    const { document } = moveEntry(ACME, { section: 'roles' }, 'QUERIER', { after: 'no_upload' })
    expect(document['roleOrder']).toEqual({ querier: ['no_upload', 'querier', 'no_download'] })
    expect(() => moveEntry(ACME, { section: 'roles' }, 'no_upload', { before: 'viewer' })).toThrow(
      'tiers never move',
    )
  })

  it('of a tier loses a role that goes to another tier', () => {
    const { document } = moveEntry(ACME, { section: 'roles' }, 'no_upload', { position: 1 })
    const changed = changeEntry(document, { section: 'roles' }, 'no_upload', { tier: 'modeler' }).document
    expect(changed['roleOrder']).toEqual({ querier: ['querier', 'no_download'] })
    expect(parseConfig(changed)).toMatchObject({ ok: true })
  })
})

describe('an addition', () => {
  it('and the removal of it leave what was there', () => {
    const where = { section: 'models' } as const
    const { document } = addEntry(ACME, where, { name: 'sales', connection: 'lake' })
    expect(removeEntry(document, where, 'sales').document).toEqual(ACME)
  })

  it.each<[Where, object]>([
    [{ section: 'roles' }, { name: 'Query_Topics' }],
    [{ section: 'roles' }, { name: 'NO_UPLOAD' }],
    [{ section: 'grants' }, { user: 'ADA', role: 'no_upload', on: 'lake' }],
    [{ section: 'overrides' }, { user: 'Ada', attribute: 'level', value: 7 }],
    [{ section: 'environments', within: 'warehouse' }, { connection: 'warehouse_finance' }],
  ])('of what is there already is a conflict: %j %j', (where, entry) => {
    expect(problemOf(() => addEntry(ACME, where, { ...entry })).status).toBe(409)
  })

  it('of a grant to a group is a rule, once', () => {
    const sent = { group: 'Sales', role: 'viewer', on: { model: 'orders' } }
    const { document, at } = grantToGroup(ACME, sent)
    expect(at).toEqual({ section: 'rules', id: 'viewer on orders for Sales' })
    expect(parseConfig(document)).toMatchObject({ ok: true })
    expect(() => grantToGroup(document, { ...sent, role: 'VIEWER', group: 'sales' })).toThrow(
      'grants that already',
    )
    expect(grantToGroup(document, { ...sent, on: 'lake' }).at?.id).toBe('viewer on lake for Sales')
  })

  it('of a copy of any role is like it but for what is said', () => {
    const { document } = duplicateRole(ACME, 'QUERIER', { name: 'mine', without: ['upload_data'] })
    expect(entryOf(document, 'roles', 'mine')).toEqual({
      name: 'mine',
      displayName: 'Copy of Querier',
      tier: 'querier',
      without: ['upload_data'],
    })
  })
})

describe('a draft of a role', () => {
  it('is told what it amounts to, and which parent and which lower core permission are missing', () => {
    expect(
      checkRole({ permissions: ['view_content', 'query_topics', 'upload_data', 'query_full_model'] }),
    ).toEqual({
      permissions: ['view_content', 'query_topics', 'upload_data', 'query_full_model'],
      resolvedRole: { name: 'querier', displayName: 'Querier' },
      exceptions: { added: [], missing: expect.arrayContaining(['download', 'use_workbooks']) },
      errors: [
        {
          path: 'permissions[2]',
          message: '`upload_data` needs its parent `use_workbooks`, which is missing',
        },
      ],
    })
    expect(checkRole({ permissions: ['view_content', 'query_full_model'] }).errors).toEqual([
      {
        path: 'permissions[1]',
        message:
          '`query_full_model` needs `query_topics`, the core permission of `restricted_querier`, which is missing',
      },
    ])
  })
})

function problemOf(work: () => unknown): Problem {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}
