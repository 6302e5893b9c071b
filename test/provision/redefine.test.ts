import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { createContext, type Context } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { openStore } from '../../db/open.ts'
import { parseConfig } from '../../schemas/config.ts'
import { applyConfiguration } from '../../src/provision/configuration.ts'
import { createDirectory } from '../../src/provision/directories.ts'
import { beginPlan, readPlan } from '../../src/provision/plan.ts'
import { compile, inForce } from '../../src/provision/in-force.ts'
import { findPageOfAll, findPage } from '../../src/provision/read.ts'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { cleanUp, prepareFor, settle } from '../../src/provision/redefine.ts'
import { readStatus } from '../../src/provision/status.ts'
import { changeModel } from '../../src/provision/unit-of-work.ts'
import { createUser, deleteUser, patchUser, replaceUser } from '../../src/provision/users.ts'
import { parseFilter } from '../../src/scim/filter/parse.ts'
import { readPatch } from '../../src/scim/patch/read.ts'
import { readResource } from '../../src/scim/resource/read.ts'
import { parseSort } from '../../src/scim/sort.ts'
import type { Db } from '../../src/store/db.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'
import { PATCH, USER } from '../support/scim.ts'

const ALIAS = 'urn:example:alias:2.0:UserAttribute'
const CAUSE = { actor: 'test', requestId: 'test' }

/** A store with use cases and nothing that works in the background. */
describe.each(engines)('attributes that are defined anew, on %s', (engine) => {
  let test: TestEngine
  let ctx: Context
  let okta: string
  let entra: string

  let tests = 0
  let URN: string

  beforeAll(async () => {
    test = await openTestEngine(engine)
    ctx = open()
  })
  afterAll(() => test.drop())

  /** Each test has directories and an extension of its own. */
  beforeEach(async () => {
    tests += 1
    URN = `urn:example:test-${tests}:2.0:User`
    okta = (await createDirectory(ctx, CAUSE, { name: `okta ${tests}`, provider: 'okta' })).id
    entra = (await createDirectory(ctx, CAUSE, { name: `entra ${tests}`, provider: 'entra' })).id
  })
  afterEach(() => done())

  const open = (engine = test.engine) =>
    createContext({ engine, log: createLog('silent'), publicUrl: 'http://x', secretKey: 'key' })
  const userType = async () => (await inForce(ctx, ctx.engine.read)).registry.resourceType('User')
  const declare = (...attributes: object[]) =>
    applyConfiguration(ctx, CAUSE, {
      connections: [],
      extensions: attributes.length === 0 ? [] : [{ urn: URN, attributes }],
    })
  const done = () => recomputeAll(ctx, () => {})
  const create = async (userName: string, values: object, directoryId = okta): Promise<string> => {
    const body = { schemas: [USER, URN], userName, [URN]: values }
    return (await createUser(ctx, { ...CAUSE, directoryId }, readResource(body, await userType()))).id
  }
  const change = async (id: string, value: object) => {
    const body = { schemas: [PATCH], Operations: [{ op: 'replace', value }] }
    return patchUser(ctx, { ...CAUSE, directoryId: okta }, id, readPatch(body, await userType()))
  }
  const found = async (filter: string, directoryId = okta, sortBy = ''): Promise<string[]> => {
    const { registry, revision } = await inForce(ctx, ctx.engine.read)
    const type = registry.resourceType('User')
    const query = {
      revision,
      filter: parseFilter(filter.replaceAll('$', `${URN}:`), type),
      sort: parseSort({ sortBy }, type),
      count: 1000,
    }
    const { resources } = await findPage(ctx, 'User', { directoryId, withReferences: false }, query)
    return resources.map((user) => ('userName' in user ? user.userName : ''))
  }
  const preparing = async () => (await readStatus(ctx)).recomputing.filter(({ what }) => what === 'documents')

  describe('are compared as what they are now', () => {
    const MOMENT = '2026-02-01T00:00:00+02:00'
    it.each<[string, unknown, object, object, string, string]>([
      ['exactly', 'Ünï', {}, { caseExact: true }, '$x sw "Ünï"', '$x co "ünï"'],
      ['folded', 'Ünï', { caseExact: true }, {}, '$x sw "üNÏ"', '$x ne "ÜNÏ"'],
      [
        'as moments',
        MOMENT,
        {},
        { type: 'dateTime' },
        '$x lt "2026-01-31T22:00:00.001Z"',
        '$x ne "2026-01-31T22:00:00Z"',
      ],
      ['as texts', MOMENT, { type: 'dateTime' }, {}, '$x co "+02:00"', '$x ew "Z"'],
      ['as one of several', 'a', {}, { multiValued: true }, '$x sw "A"', 'not ($x pr)'],
      ['as several, not as one', ['a'], { multiValued: true }, {}, 'not ($x pr)', '$x sw "a"'],
      ['as of another type', 'a', {}, { type: 'integer' }, 'not ($x pr)', '$x pr or $x ge 0'],
      [
        'as of another type that has no order',
        'a',
        {},
        { type: 'boolean' },
        'not ($x pr)',
        '$x pr or $x eq false',
      ],
    ])('%s', async (_how, value, before, after, matches, matchesNot) => {
      await declare({ name: 'x', ...before })
      await create('ada', { x: value })
      // So that statements for the old definition are known.
      for (const filter of ['$x pr', 'not ($x pr)']) await found(filter)
      await declare({ name: 'x', ...after })
      await done()
      expect(await found(matches)).toEqual(['ada'])
      expect(await found(matchesNot)).toEqual([])
    })

    it('when they were declared again after a change', async () => {
      await declare({ name: 'x' }, { name: 'other' })
      const id = await create('ada', { x: 'Value' })
      await create('ben', { other: 'x' })
      await declare()
      await change(id, { displayName: 'Ada' })
      await declare({ name: 'x', matching: true }, { name: 'other' })
      await done()
      expect(await found('$x sw "val"')).toEqual(['ada'])
      expect(await found('$x eq "VALUE"')).toEqual(['ada'])
      expect(await found('$other eq "X"')).toEqual(['ben'])
    })
  })

  describe('while people are still to be prepared', () => {
    const PEOPLE = 120
    const names = Array.from({ length: PEOPLE }, (_, i) => `p${i}`)
    beforeEach(async () => {
      await declare({ name: 'x' }, { name: 'level', type: 'integer' }, { name: 'rest' })
      await Promise.all(names.map((name, i) => create(name, { x: `Value ${i}`, level: i })))
      await create('nobody', { rest: 'of it' }, entra)
      await done()
      await declare({ name: 'x', caseExact: true }, { name: 'level', type: 'integer' }, { name: 'rest' })
    })

    it('refuse to be compared, and say when to ask again', async () => {
      const queries = [
        ['$x co "V"', ''],
        ['$x pr', ''],
        ['not ($x eq "Value 1")', ''],
        ['userName eq "p1" or $x gt "A"', ''],
        ['userName eq "p1" and $x sw "Value"', ''],
        ['userName pr', `${URN}:x`],
      ] as const
      for (const [filter, sortBy] of queries) {
        await expect(found(filter, okta, sortBy)).rejects.toMatchObject({
          status: 503,
          retryAfter: 10,
          message: expect.stringContaining(`\`${URN}:x\` has been defined anew`),
        })
      }
      await done()
      expect(await preparing()).toEqual([])
      for (const [filter, sortBy] of queries)
        expect([filter, (await found(filter, okta, sortBy)).length]).not.toEqual([filter, 0])
    })

    it('refuse it where all types are asked too', async () => {
      const part = {
        filter: parseFilter(`${URN}:x pr`, await userType()),
        sort: undefined,
        withReferences: false,
      }
      const everything = findPageOfAll(
        ctx,
        okta,
        { User: part, Group: { ...part, filter: undefined } },
        { revision: 0, count: 1, descending: false },
      )
      await expect(everything).rejects.toMatchObject({ status: 503 })
    })

    it('leave everything else as it is', async () => {
      expect(await found('userName eq "p7"')).toEqual(['p7'])
      expect(await found('$level eq 7')).toEqual(['p7'])
      expect(await found('urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department pr')).toEqual(
        [],
      )
      await declare(
        { name: 'x', caseExact: true, matching: true },
        { name: 'level', type: 'integer' },
        { name: 'rest' },
      )
      expect(await found('$x eq "Value 7"')).toEqual(['p7'])
      expect(await found('$x eq "value 7"')).toEqual([])
    })

    it('show how far it is, and go on from there after the process has died', async () => {
      const job = { what: 'documents', attributes: [`${URN}:x`], total: PEOPLE }
      expect(await preparing()).toMatchObject([{ ...job, done: 0 }])
      const dying = recomputeAll(ctx, (count) => {
        if (count > 0) throw new Error('killed')
      })
      await expect(dying).rejects.toThrow('killed')
      expect(await preparing()).toMatchObject([{ ...job, done: 100 }])
      ctx = open()
      await done()
      expect(await preparing()).toEqual([])
      expect((await found('$x sw "Value"')).toSorted()).toEqual(names.toSorted())
      expect(await found('$x sw "value"')).toEqual([])
    })

    it('take what is written meanwhile as it is defined now', async () => {
      const fresh = await create('fresh', { x: 'New' })
      await change(fresh, { [URN]: { x: 'Newer' } })
      await declare({ name: 'x' }, { name: 'level', type: 'integer' }, { name: 'rest' })
      await done()
      expect(await found('$x sw "NEWER"')).toEqual(['fresh'])
      expect(await found('$x sw "value"')).toHaveLength(PEOPLE)
    })

    it('are right however many write the same people meanwhile', async () => {
      const ids = await ctx.engine.read
        .selectFrom('users')
        .select(['id', 'user_name'])
        .where('directory_id', '=', okta)
        .execute()
      await Promise.all([
        done(),
        ...ids.slice(0, 40).map(({ id, user_name }) => change(id, { [URN]: { x: `Changed ${user_name}` } })),
      ])
      const changed = ids.slice(0, 40).map(({ user_name }) => user_name)
      expect((await found('$x sw "Changed"')).toSorted()).toEqual(changed.toSorted())
      expect(await found('$x sw "Value"')).toHaveLength(PEOPLE - 40)
    })
  })

  it('are not gone by as they were before', async () => {
    await declare({ name: 'x', matching: true })
    await create('ada', { x: 'Value' })
    const { registry, revision } = await inForce(ctx, ctx.engine.read)
    const reading = { directoryId: okta, withReferences: false }
    const ask = (text: string) =>
      findPage(ctx, 'User', reading, {
        revision,
        filter: parseFilter(text, registry.resourceType('User')),
        sort: undefined,
        count: 1,
      })
    expect((await ask(`${URN}:x eq "value"`)).total).toBe(1)
    await declare({ name: 'x' })
    for (const filter of [`${URN}:x eq "value"`, `${URN}:x sw "v"`, `not (${URN}:x pr)`])
      await expect(ask(filter)).rejects.toMatchObject({
        status: 503,
        retryAfter: 1,
        message: 'the configuration has just been changed; ask again in 1 s',
      })
    expect((await ask('userName eq "ada"')).total).toBe(1)
  })

  it('make nobody wait where nobody has a value', async () => {
    await declare({ name: 'x' })
    await create('ada', { x: 'Value' })
    await declare({ name: 'x' }, { name: 'y' })
    expect(await preparing()).toEqual([])
    expect(await found('$y pr')).toEqual([])
  })

  it('keep nobody waiting for a user whose document cannot be read', async () => {
    await declare({ name: 'x' })
    const broken = await create('broken', { x: 'Value' })
    await create('ada', { x: 'Value' })
    await ctx.engine.write((db) =>
      db
        .updateTable('users')
        .set({ document: `{"${URN}" "x"` })
        .where('id', '=', broken)
        .execute(),
    )
    await declare({ name: 'x', caseExact: true, uniqueness: 'server' })
    await done()
    expect(await found('$x co "Value"')).toEqual(['ada'])
  })

  describe('as matching', () => {
    it('find people at once, through every change, and nobody when they are it no longer', async () => {
      await declare({ name: 'number', type: 'integer' }, { name: 'tags', multiValued: true })
      const ada = await create('ada', { number: 7, tags: ['Red', 'Blue'] })
      await create('ben', { number: 7 }, entra)
      await declare(
        { name: 'number', type: 'integer', matching: true },
        { name: 'tags', multiValued: true, matching: true },
      )
      expect(await found('$number eq 7')).toEqual(['ada'])
      expect(await found('$number eq 7', entra)).toEqual(['ben'])
      expect(await found('$tags eq "BLUE"')).toEqual(['ada'])
      await change(ada, { [URN]: { number: 8, tags: ['Green'] } })
      expect(await found('$number eq 7 or $tags eq "Blue"')).toEqual([])
      expect(await found('$number eq 8 and $tags eq "green"')).toEqual(['ada'])
      const values = () =>
        ctx.engine.read.selectFrom('user_values').selectAll().where('attribute', 'like', `${URN}%`).execute()
      expect(await values()).toHaveLength(3)
      await declare({ name: 'number', type: 'integer', matching: true }, { name: 'tags', multiValued: true })
      expect(await values()).toHaveLength(2)
      expect(await found('$tags eq "green"')).toEqual(['ada'])
      await declare()
      expect(await values()).toEqual([])
    })

    it('find nothing in what is of another type', async () => {
      await declare({ name: 'x' })
      await create('ada', { x: '7' })
      await declare({ name: 'x', type: 'integer', matching: true })
      await done()
      expect(await found('$x eq 7')).toEqual([])
      await declare({ name: 'x', matching: true })
      expect(await found('$x eq "7"')).toEqual(['ada'])
    })

    it('may be user attributes, under each of their names', async () => {
      const attributes = (matching: boolean) => ({
        userAttributes: [{ reference: 'staff_id', type: 'number', matching }],
        userAttributeAliases: [ALIAS],
      })
      await applyConfiguration(ctx, CAUSE, attributes(false))
      const body = { schemas: [USER, ALIAS], userName: 'ada', [ALIAS]: { staff_id: 4711 } }
      await createUser(ctx, { ...CAUSE, directoryId: okta }, readResource(body, await userType()))
      await applyConfiguration(ctx, CAUSE, attributes(true))
      expect(await found(`${ALIAS}:staff_id eq 4711`)).toEqual(['ada'])
      expect(await found('urn:signalbox:params:scim:schemas:2.0:UserAttribute:staff_id eq 4711')).toEqual([])
      const rows = await ctx.engine.read
        .selectFrom('user_values')
        .select(['attribute', 'value'])
        .where('attribute', 'like', '%staff_id%')
        .execute()
      expect(rows).toEqual([{ attribute: `${ALIAS}:staff_id decimal exact`, value: '4711' }])
    })
  })

  describe('are collected before they are in force', () => {
    const badge = { name: 'badge', uniqueness: 'server' }
    const document = (...attributes: object[]) => ({
      connections: [],
      extensions: [{ urn: URN, attributes }],
    })
    const prepare = async (attribute: object = badge) => {
      const parsed = parseConfig(document(attribute))
      if (!parsed.ok) throw new Error('the configuration is wrong')
      const next = compile(parsed.config, document(attribute))
      return { next, prepared: await prepareFor(ctx, next) }
    }
    type Work = Awaited<ReturnType<typeof prepare>>
    const settled = async (ctx: Context, db: Db, { next, prepared }: Work) =>
      settle(ctx, db, { present: await inForce(ctx, db), next }, prepared)
    const finish = (work: Work) => changeModel(ctx, (ctx, db) => settled(ctx, db, work))
    const collected = () =>
      ctx.engine.read
        .selectFrom('user_values')
        .select(['value', 'is_unique'])
        .where('attribute', '=', `${URN}:badge unique`)
        .orderBy('value')
        .execute()

    beforeEach(() => declare({ name: 'badge' }))

    it('and again of those who were written meanwhile', async () => {
      const ada = await create('ada', { badge: 'B-1' })
      const ben = await create('ben', { badge: 'B-1' })
      const cyd = await create('cyd', { badge: 'B-3' })
      const work = await prepare()
      await change(ben, { [URN]: { badge: 'B-2' } })
      await create('dan', { badge: 'B-4' })
      await deleteUser(ctx, { ...CAUSE, directoryId: okta }, cyd)
      expect(await finish(work)).toEqual([])
      const held = ['b-1', 'b-2', 'b-4'].map((value) => ({ value, is_unique: 1 }))
      expect(await collected()).toEqual(held)
      await change(ada, { [URN]: { badge: 'B-4' } })
      expect(await finish(work)).toMatchObject([{ message: expect.stringContaining('`b-4` to') }])
      await cleanUp(ctx, work.prepared)
      expect(await collected()).toEqual([])
    })

    it('and are worth nothing when that was not finished', async () => {
      const ada = await create('ada', { badge: 'B-1' })
      const progress = (count: number, total: number) => {
        if (count === total) throw new Error('killed')
      }
      const killed = applyConfiguration(ctx, CAUSE, document(badge), { progress })
      await expect(killed).rejects.toThrow('killed')
      expect(await collected()).toHaveLength(1)
      await change(ada, { displayName: 'Ada', [URN]: { badge: '' } })
      await create('ben', { badge: 'B-1' })
      await declare(badge)
      expect(await collected()).toEqual([{ value: 'b-1', is_unique: 1 }])
      expect(await found('$badge eq "B-1"')).toEqual(['ben'])
    })

    it('whoever writes meanwhile, in this process and in others', async () => {
      const other = await openStore(test.url)
      const elsewhere = open(other)
      const ids: string[] = []
      while (ids.length < 600) {
        const some = Array.from({ length: 20 }, (_, i) => ids.length + i)
        ids.push(...(await Promise.all(some.map((i) => create(`user ${i}`, { badge: `B-${i}` })))))
      }
      const type = await userType()
      let stopped = false
      let written = 0
      const writer = async (ctx: Context, mine: number): Promise<void> => {
        const cause = { ...CAUSE, directoryId: okta }
        const patch = (values: object) =>
          readPatch({ schemas: [PATCH], Operations: [{ op: 'replace', value: { [URN]: values } }] }, type)
        for (let i = mine; !stopped; i += 4) {
          const [id, next] = [ids[i % 600] ?? '', ids[(i + 2) % 600] ?? '']
          const body = { schemas: [USER, URN], userName: `new ${i}`, [URN]: { badge: `B-${i % 600}` } }
          const writes = [
            () => patchUser(ctx, cause, id, patch({ badge: `N-${i}` })),
            () => createUser(ctx, cause, readResource(body, type)),
            () => replaceUser(ctx, cause, next, readResource({ ...body, userName: `put ${i}` }, type)),
            () => deleteUser(ctx, cause, next),
          ]
          for (const write of writes) {
            // Somebody else may have deleted the user, or hold the value.
            await write().catch((error: { status?: number }) => expect([404, 409]).toContain(error.status))
            written += 1
          }
        }
      }
      const writers = [ctx, ctx, elsewhere, elsewhere].map(writer)
      const work = await prepare({ name: 'badge', caseExact: true, matching: true })
      for (const upTo = written + 40; written < upTo;) await new Promise(setImmediate)
      const { users, values } = await changeModel(ctx, async (ctx, db) => {
        expect(await settled(ctx, db, work)).toEqual([])
        const users = await db
          .selectFrom('users')
          .select(['seq', 'document'])
          .where('directory_id', '=', okta)
          .execute()
        const values = await db
          .selectFrom('user_values')
          .select(['user_seq as seq', 'value'])
          .where('attribute', '=', `${URN}:badge exact`)
          .orderBy('user_seq')
          .execute()
        return { users, values }
      })
      stopped = true
      await Promise.all(writers)
      await other.close()
      const badges = users.flatMap(({ seq, document }) => {
        const { badge } = (JSON.parse(document) as Record<string, { badge?: string }>)[URN] ?? {}
        return badge === undefined ? [] : { seq, value: badge }
      })
      expect(values).toEqual(badges.toSorted((a, b) => a.seq - b.seq))
    })

    it('by one configuration at a time: the one that began last', async () => {
      const first = await prepare()
      const second = await prepare()
      await expect(finish(first)).rejects.toMatchObject({ status: 409 })
      expect(await finish(second)).toEqual([])
    })

    it('though others apply what has nothing to do with it', async () => {
      await create('ada', { badge: 'B-1' })
      const work = await prepare()
      await declare({ name: 'badge' }, { name: 'more' })
      expect(await finish(work)).toEqual([])
      expect(await collected()).toEqual([{ value: 'b-1', is_unique: 1 }])
    })

    it('by none that another one has overtaken', async () => {
      const work = await prepare()
      await declare({ name: 'badge', caseExact: true })
      await expect(finish(work)).rejects.toMatchObject({
        status: 409,
        detail: 'another configuration is being applied at the same time; apply this one again',
      })
    })

    it('while other configurations are applied', async () => {
      await create('ada', { badge: 'B-1' })
      const outcomes = await Promise.allSettled([
        declare(badge),
        applyConfiguration(ctx, CAUSE, { ...document({ name: 'badge' }), roles: [] }),
        declare({ name: 'badge', matching: true }),
        declare(badge),
      ])
      for (const outcome of outcomes.filter(({ status }) => status === 'rejected'))
        expect(outcome).toMatchObject({ reason: { status: 409 } })
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0)
      await declare({ name: 'badge', matching: true, caseExact: true })
      await done()
      expect(await found('$badge eq "B-1"')).toEqual(['ada'])
    })
  })

  describe('as unique', () => {
    const taken = { status: 409, scimType: 'uniqueness' }

    it('are held so from the answer on, among those who are there and those who come', async () => {
      await declare({ name: 'badge' })
      await create('ada', { badge: 'B-1' })
      await declare({ name: 'badge', uniqueness: 'server' })
      await expect(create('ben', { badge: 'b-1' })).rejects.toMatchObject(taken)
      await expect(create('ben', { badge: 'b-1' }, entra)).resolves.toBeDefined()
      const cyd = await create('cyd', { badge: 'B-2' })
      await expect(change(cyd, { [URN]: { badge: 'B-1' } })).rejects.toMatchObject(taken)
      await declare({ name: 'badge', caseExact: true, uniqueness: 'server' })
      await expect(create('dan', { badge: 'b-1' })).resolves.toBeDefined()
      await expect(create('eve', { badge: 'B-1' })).rejects.toMatchObject(taken)
      await declare({ name: 'badge', matching: true })
      await expect(create('eve', { badge: 'B-1' })).resolves.toBeDefined()
      expect(await found('$badge eq "b-1"')).toEqual(['ada', 'dan', 'eve'])
    })

    it('are refused where users share a value, with its place, and nothing is changed', async () => {
      await declare({ name: 'free' }, { name: 'badge' })
      for (const [name, badge] of [
        ['ada', 'B-1'],
        ['ben', 'b-1'],
        ['cyd', 'B-1'],
        ['dan', 'B-2'],
        ['eve', 'B-2'],
        ['fay', 'B-3'],
      ] as const)
        await create(name, { badge })
      for (const name of ['gus', 'hal']) await create(name, { badge: 'B-9' }, entra)
      const before = await readStatus(ctx)
      await expect(declare({ name: 'free' }, { name: 'badge', uniqueness: 'server' })).rejects.toMatchObject({
        status: 422,
        detail: 'the configuration has 2 mistakes; nothing was changed',
        errors: [
          {
            path: 'extensions[0].attributes[1].uniqueness',
            message: `cannot be held: one value of directory \`entra ${tests}\` belongs to several users: \`b-9\` to \`gus\` and \`hal\``,
          },
          {
            path: 'extensions[0].attributes[1].uniqueness',
            message: `cannot be held: 2 values of directory \`okta ${tests}\` belong to several users, such as \`b-1\` to \`ada\`, \`ben\` and others`,
          },
        ],
      })
      expect(await readStatus(ctx)).toEqual(before)
      await expect(create('ivy', { badge: 'B-3' })).resolves.toBeDefined()
    })

    it('can be held when those who shared a value have made way', async () => {
      await declare({ name: 'badge' })
      await create('ada', { badge: 'B-1' })
      const ben = await create('ben', { badge: 'B-1' })
      await expect(declare({ name: 'badge', uniqueness: 'server' })).rejects.toMatchObject({ status: 422 })
      await deleteUser(ctx, { ...CAUSE, directoryId: okta }, ben)
      await expect(declare({ name: 'badge', uniqueness: 'server' })).resolves.toMatchObject({ warnings: [] })
    })

    it('are refused where a value is longer than the index holds', async () => {
      await declare({ name: 'badge' })
      await create('ada', { badge: 'x'.repeat(513) })
      await expect(declare({ name: 'badge', uniqueness: 'server' })).rejects.toMatchObject({
        errors: [
          {
            path: 'extensions[0].attributes[0].uniqueness',
            message: 'cannot be held: `ada` has a value of more than 512 characters',
          },
        ],
      })
      await declare({ name: 'badge', matching: true })
      expect(await found(`$badge eq "${'X'.repeat(513)}"`)).toEqual(['ada'])
    })

    it('are told by a plan in the words of the refusal, and nothing is written for that', async () => {
      const badge = { name: 'badge', caseExact: true, uniqueness: 'server' }
      const document = { connections: [], extensions: [{ urn: URN, attributes: [badge] }] }
      const planned = async () => {
        const { id, ended } = await beginPlan(ctx, CAUSE, document)
        await ended
        return readPlan(ctx, id)
      }
      const values = () => ctx.engine.read.selectFrom('user_values').selectAll().execute()
      await declare({ name: 'badge', matching: true })
      for (const [i, value] of ['B-2', 'B-2', 'b-1', 'B-1', 'B-1', 'b-2', 'B-1', '', 'B-3'].entries())
        await create(`okta-${i}`, { badge: value })
      for (const name of ['gus', 'hal']) await create(name, { badge: 'B-9' }, entra)
      const long = await Promise.all(['ivy', 'jim'].map((name) => create(name, { badge: name.repeat(200) })))
      const before = await values()
      const plan = await planned()
      expect(await values()).toEqual(before)
      expect(plan).toMatchObject({ state: 'done', changes: [{ change: 'changed', kind: 'extension' }] })
      expect(plan.refusals).toHaveLength(3)
      const refused: unknown = await declare(badge).catch((error: unknown) => error)
      expect(refused).toMatchObject({ status: 422, errors: plan.refusals })
      for (const id of long) await deleteUser(ctx, { ...CAUSE, directoryId: okta }, id)
      expect((await planned()).refusals).toEqual(plan.refusals?.slice(1))
      await declare({ name: 'badge' }, { name: 'other', uniqueness: 'server' })
      expect((await planned()).refusals).toEqual(plan.refusals?.slice(1))
    })

    it('are either refused or held, whoever writes while they are declared', async () => {
      await declare({ name: 'badge' })
      const outcomes = await Promise.allSettled([
        ...Array.from({ length: 8 }, (_, i) => create(`before ${i}`, { badge: 'same' })),
        declare({ name: 'badge', uniqueness: 'server' }),
        ...Array.from({ length: 8 }, (_, i) => create(`after ${i}`, { badge: 'same' })),
      ])
      const applied = outcomes[8]?.status === 'fulfilled'
      const created = outcomes.filter(({ status }, i) => i !== 8 && status === 'fulfilled').length
      expect(applied ? created === 1 : created > 1).toBe(true)
    })
  })
})
