import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { SelectType } from 'kysely'
import type { Database } from '../../db/tables.ts'
import { engines, openTestEngine, type TestEngine } from '../support/engines.ts'

/** Every column of `tables.ts`, and whether it may be null: the compiler refuses what is missing, too much or wrong. */
const TABLES: {
  readonly [Table in keyof Database]: {
    readonly [Column in keyof Database[Table]]-?: null extends SelectType<Database[Table][Column]>
      ? true
      : false
  }
} = {
  settings: { key: false, value: false },
  directories: {
    id: false,
    name: false,
    name_key: false,
    provider: false,
    settings: false,
    created_at: false,
    since: false,
  },
  tokens: {
    id: false,
    prefix: false,
    hash: false,
    scope: false,
    directory_id: true,
    label: false,
    created_at: false,
    expires_at: true,
    revoked_at: true,
    last_used_at: true,
    client_id: true,
    secret_id: true,
  },
  clients: {
    id: false,
    directory_id: false,
    label: false,
    token_seconds: false,
    trust: true,
    created_at: false,
    revoked_at: true,
    last_used_at: true,
  },
  client_secrets: {
    id: false,
    client_id: false,
    hash: false,
    label: false,
    created_at: false,
    expires_at: true,
    revoked_at: true,
    last_used_at: true,
  },
  used_assertions: { client_id: false, hash: false, expires_at: false },
  secrets: {
    name: false,
    sealed: false,
    key_id: false,
    created_at: false,
    updated_at: false,
    updated_by: false,
  },
  users: {
    seq: false,
    id: false,
    directory_id: false,
    user_name: false,
    user_name_key: false,
    external_id: true,
    display_name: true,
    active: false,
    version: false,
    created_at: false,
    modified_at: false,
    document: false,
    search: false,
    salt: false,
  },
  user_values: { user_seq: false, directory_id: false, attribute: false, value: false, is_unique: false },
  groups: {
    seq: false,
    id: false,
    directory_id: false,
    display_name: false,
    display_name_key: false,
    external_id: true,
    version: false,
    created_at: false,
    modified_at: false,
    document: false,
    search: false,
  },
  members: { group_id: false, member_id: false, member_type: false, since: false },
  counts: { directory_id: false, kind: false, slot: false, present: false, deleted: false },
  bindings: { directory_id: false, name_key: false, group_id: false, since: false },
  user_bindings: { directory_id: false, name_key: false, user_id: false, since: false },
  revisions: {
    id: false,
    created_at: false,
    actor: false,
    document: false,
    origins: false,
    directories_before: true,
    restores: true,
  },
  plans: {
    id: false,
    created_at: false,
    actor: false,
    state: false,
    touched_at: false,
    done: false,
    total: false,
    document: false,
    present: true,
    outcome: true,
    error: true,
  },
  plan_effects: {
    plan_id: false,
    number: false,
    kinds: false,
    connection: false,
    directory_id: false,
    user_name_key: false,
    detail: false,
  },
  decisions: {
    user_seq: false,
    connection: false,
    directory_id: false,
    decision: false,
    reason: true,
    role: true,
    tier: true,
    environment: true,
    value: true,
    document: false,
    valid_until: true,
  },
  recomputes: {
    id: false,
    cause: false,
    created_at: false,
    scope: false,
    attributes: true,
    after_seq: false,
    total: false,
    done: false,
  },
  recompute_users: { job_id: false, user_seq: false },
  changes: { seq: false, at: false, directory_id: true, kind: false, subject_id: false, payload: false },
  audit: {
    seq: false,
    at: false,
    actor: false,
    request_id: false,
    directory_id: true,
    action: false,
    subject_id: false,
    detail: false,
    mac: false,
  },
  audit_seals: {
    block: false,
    last_seq: false,
    entries: false,
    suspects: false,
    listing: false,
    head: false,
    at: false,
    signature: false,
  },
  tombstones: {
    directory_id: false,
    id: false,
    user_name_key: false,
    external_id: true,
    version: false,
    deleted_at: false,
  },
  pending_members: { directory_id: false, group_id: false, value: false, since: false },
  quirks: {
    directory_id: false,
    kind: false,
    name_key: false,
    name: false,
    times: false,
    first_at: false,
    last_at: false,
    example: false,
  },
  past_users: {
    seq: false,
    since: false,
    until: false,
    id: false,
    user_seq: false,
    directory_id: false,
    user_name: false,
    active: false,
    version: false,
    created_at: false,
    document: false,
  },
  past_user_keys: { seq: false, until: false, user_id: false, attribute: false, value: false },
  past_groups: { seq: false, until: false, id: false, display_name: false },
  past_members: { seq: false, since: false, until: false, group_id: false, member_id: false },
  past_bindings: {
    seq: false,
    since: false,
    until: false,
    directory_id: false,
    name_key: false,
    group_id: false,
  },
  past_user_bindings: {
    seq: false,
    since: false,
    until: false,
    directory_id: false,
    name_key: false,
    user_id: false,
  },
  past_directories: {
    seq: false,
    since: false,
    until: false,
    id: false,
    name: false,
    name_key: false,
    settings: false,
  },
  actors: { actor: false, label: false },
}

describe.each(engines)('the tables on %s', (name) => {
  let test: TestEngine
  beforeAll(async () => {
    test = await openTestEngine(name)
  })
  afterAll(() => test.drop())

  it('are those that `tables.ts` describes', async () => {
    const tables = await test.engine.read.introspection.getTables()
    const found = tables.map((table) => [
      table.name,
      // SQLite says of an `integer primary key` that it may be null, which it cannot be.
      Object.fromEntries(
        table.columns.map((column) => [column.name, column.isNullable && !column.isAutoIncrementing]),
      ),
    ])
    expect(Object.fromEntries(found)).toEqual(TABLES)
  })
})
