import type { ColumnType, Generated } from 'kysely'

/** ISO 8601 in UTC with milliseconds, as text on both engines, so that text order is time order. */
export type Instant = string
/** JSON as text in SQLite and as `jsonb` in PostgreSQL; always written as text. */
export type Json = ColumnType<string, string, string>
/** A truth value: 0 or 1 on both engines. */
export type Flag = 0 | 1

export interface SettingTable {
  key: string
  value: string
}

export interface DirectoryTable {
  id: string
  name: string
  /** The name folded: two directories never differ by case alone. */
  name_key: string
  provider: string
  /** JSON: what the configuration says of the directory beyond its name and provider. */
  settings: string
  created_at: Instant
  /** Since when it has these settings. */
  since: Instant
}

export interface TokenTable {
  id: string
  /** The public part, by which a token is found and shown. */
  prefix: string
  /** Keyed hash of the whole token. */
  hash: string
  scope: 'scim' | 'read' | 'admin'
  /** The one directory of a `scim` token; null for the other scopes. */
  directory_id: string | null
  label: string
  created_at: Instant
  expires_at: Instant | null
  revoked_at: Instant | null
  last_used_at: Instant | null
  /** The OAuth client that an access token was given to; null for tokens that people make. */
  client_id: string | null
  /** The secret that the client showed for it; null when it showed an assertion. */
  secret_id: string | null
}

/** An OAuth 2.0 client of a directory: an identity provider that fetches its own tokens. */
export interface ClientTable {
  /** The public client id. */
  id: string
  directory_id: string
  label: string
  /** How long its access tokens live. */
  token_seconds: number
  /** JSON: whose assertions it may show instead of a secret. */
  trust: string | null
  created_at: Instant
  revoked_at: Instant | null
  last_used_at: Instant | null
}

export interface ClientSecretTable {
  /** The public part of the secret. */
  id: string
  client_id: string
  /** Keyed hash of the whole secret. */
  hash: string
  label: string
  created_at: Instant
  expires_at: Instant | null
  revoked_at: Instant | null
  last_used_at: Instant | null
}

/** Assertions that were shown and may not be shown again while they live. */
export interface UsedAssertionTable {
  client_id: string
  /** Keyed hash of the assertion's `jti`. */
  hash: string
  expires_at: Instant
}

/** Secrets of connections, encrypted. */
export interface SecretTable {
  /** As the configuration refers to it: `secret:<name>`. */
  name: string
  /** Nonce, ciphertext and tag of AES-256-GCM, as base64url; the name is what is authenticated beside it. */
  sealed: string
  /** Tells which key it was encrypted under, and nothing of the key. */
  key_id: string
  created_at: Instant
  updated_at: Instant
  /** Who set it last: `token:<prefix>`, `cli`. */
  updated_by: string
}

export interface UserTable {
  /** Order of creation: pages and recomputations walk by it. */
  seq: Generated<number>
  id: string
  directory_id: string
  user_name: string
  user_name_key: string
  external_id: string | null
  display_name: string | null
  active: Flag
  version: number
  created_at: Instant
  modified_at: Instant
  /** The JSON text that is sent, but for `meta` and `groups`, which come from columns and rows. */
  document: string
  /** The document prepared for comparison: see `src/scim/resource/search.ts`. */
  search: Json
  /** Random: what the audit may not show of the user is hashed with it, and means nothing once it is gone. */
  salt: string
}

/** Values of indexed attributes that have no column of their own, prepared for comparison. */
export interface UserValueTable {
  user_seq: number
  directory_id: string
  /** What is looked up: `emails.value`, `urn:…:User:badge unique` (`lookUpKey` in `src/scim/resource/search.ts`). */
  attribute: string
  value: string
  /** Whether nobody else of the directory may have the value: a partial index holds it so. */
  is_unique: Generated<Flag>
}

export interface GroupTable {
  seq: Generated<number>
  id: string
  directory_id: string
  display_name: string
  display_name_key: string
  external_id: string | null
  version: number
  created_at: Instant
  modified_at: Instant
  /** The JSON text that is sent, but for `meta` and `members`, which come from columns and rows. */
  document: string
  search: Json
}

export interface MemberTable {
  group_id: string
  member_id: string
  member_type: 'User' | 'Group'
  /** Empty for what was here before history was kept. */
  since: Instant
}

/** How many users and groups a directory has; triggers keep it. The sum over the slots counts. */
export interface CountTable {
  directory_id: string
  kind: 'users' | 'groups'
  slot: number
  present: number
  /** How many were ever deleted: positions in a list move only when this does. */
  deleted: number
}

/** The group that rules mean when they name a group: a rename in the IdP does not move access. */
export interface BindingTable {
  directory_id: string
  /** The name that rules use, folded. */
  name_key: string
  group_id: string
  since: Instant
}

/** The user that the configuration means by a name: a rename in the IdP moves no grant. */
export interface UserBindingTable {
  directory_id: string
  /** The name that the configuration uses, folded. */
  name_key: string
  user_id: string
  since: Instant
}

/** One document of configuration as it was applied; the highest id is in force. */
export interface RevisionTable {
  id: Generated<number>
  created_at: Instant
  actor: string
  /** The configuration document as JSON. */
  document: string
  /** JSON: the revisions that its entries stand unchanged since, those of this one left out. */
  origins: string
  /** JSON: every directory as the revision before left it; null where none was noted. */
  directories_before: string | null
  /** The earlier revision that it brought back. */
  restores: number | null
}

/** The names of what a revision changed, by which the audit finds it. */
export interface ConfigNameTable {
  /** Of the revision, as the audit has it. */
  id: string
  /** The folded name; of what is compared as a whole, what it is called. */
  name_key: string
}

/** A change of configuration as it was computed over the whole population. */
export interface PlanTable {
  id: string
  created_at: Instant
  actor: string
  state: 'running' | 'done' | 'failed'
  /** When its work was last seen going on. */
  touched_at: Instant
  done: number
  total: number
  /** JSON: the planned configuration. */
  document: string
  /** JSON: the configuration in force that it was planned on; null while that is not read yet. */
  present: string | null
  /** JSON: differences, counts, findings; null while it is not done. */
  outcome: string | null
  /** Why it failed. */
  error: string | null
}

/** What a plan does to one person on one connection. */
export interface PlanEffectTable {
  plan_id: string
  /** Place in the list, the gravest first. */
  number: number
  /** One bit for each kind of effect. */
  kinds: number
  connection: string
  directory_id: string
  user_name_key: string
  /** JSON: the person, before, after, and the reason. */
  detail: string
}

/** The stored decision for one user and one connection. */
export interface DecisionTable {
  user_seq: number
  connection: string
  directory_id: string
  decision: 'allow' | 'deny'
  reason: string | null
  role: string | null
  tier: string | null
  /** Name of the connection that queries run on. */
  environment: string | null
  /** The attribute value that the environment was chosen by. */
  value: string | null
  /** The decision as JSON text, as `/api/v1/resolve` sends it, but for `position` and `at`. */
  document: string
  /** The first moment at which the decision changes by the passing of time alone. */
  valid_until: Instant | null
}

/** What waits to be recomputed: decisions, which are read from the facts while a row is here, or documents. */
export interface RecomputeTable {
  id: Generated<number>
  cause: string
  created_at: Instant
  /**
   * Decisions: `all` walks every user by `seq`, `listed` the rows of `recompute_users`. `documents` prepares those of
   * users who have something of the extensions of `attributes` again.
   */
  scope: 'all' | 'listed' | 'documents'
  /** JSON: the paths of the attributes by which nobody is found in prepared documents meanwhile. */
  attributes: string | null
  after_seq: number
  total: number
  done: number
  /** The directory that brought it about by what it sent; null where it was an administrator, or time. */
  directory_id: string | null
  /** How many of the people may lose something, where that matters to the brake of the directory. */
  at_risk: Generated<number>
}

export interface RecomputeUserTable {
  job_id: number
  user_seq: number
}

/** The ordered feed that downstream services follow. */
export interface ChangeTable {
  seq: Generated<number>
  at: Instant
  directory_id: string | null
  /** `user.created`, `group.updated`, `model.applied`, `access.changed` … */
  kind: string
  subject_id: string
  /** JSON. */
  payload: string
}

/** Who changed what, by which request. The database refuses to change or delete a row. */
export interface AuditTable {
  seq: Generated<number>
  at: Instant
  /** `token:<prefix>`, `cli`, `system`. */
  actor: string
  request_id: string
  directory_id: string | null
  action: string
  subject_id: string
  /** JSON: before, after, members added and removed, what was ignored or rewritten. */
  detail: string
  /** Random letters, and a keyed hash of them and of all the above but `seq`: see `src/provision/audit-block.ts`. */
  mac: string
}

/** A block of audit entries, signed, and bound to the block before it. The database refuses to change or delete a row. */
export interface AuditSealTable {
  /** From 1, without gaps. */
  block: number
  /** The `seq` of its last entry. */
  last_seq: number
  /** How many entries there are up to its last. */
  entries: number
  /** JSON: the `seq`s of entries whose mark was wrong when they were sealed. */
  suspects: string
  /** Its entries, one a line, with the beginning of their hashes: tells which of them was touched. */
  listing: string
  /** Hash of the block with the head of the block before. */
  head: string
  at: Instant
  /** Ed25519, base64url. */
  signature: string
}

/** A user that was deleted: who comes back can be known again. */
export interface TombstoneTable {
  directory_id: string
  id: string
  user_name_key: string
  external_id: string | null
  /** The last version that it had. */
  version: number
  deleted_at: Instant
}

/** A member that a client has put into a group, and that is not here yet. */
export interface PendingMemberTable {
  directory_id: string
  group_id: string
  /** What the client sent as `value`: the id or the external id of somebody who is to come. */
  value: string
  since: Instant
}

/** What was made allowance for in the requests of a directory, and how often. */
export interface QuirkTable {
  directory_id: string
  /** A rewrite of `src/scim/quirks/rewrites.ts`, or an attribute that no schema knows. */
  kind: 'rewrite' | 'attribute'
  /** The name folded: SCIM tells names apart by more than letter case. */
  name_key: string
  name: string
  times: number
  first_at: Instant
  last_at: Instant
  /** How the last such request was built, without its values. */
  example: string
}

/** What stood from `since` on, until `until`, which is left out. Rows end in the order of `seq`, or nearly so. */
interface Past {
  seq: Generated<number>
  since: Instant
  until: Instant
}

/** A version of a user that was changed or deleted. */
export interface PastUserTable extends Past {
  id: string
  user_seq: number
  directory_id: string
  user_name: string
  active: Flag
  version: number
  created_at: Instant
  document: string
}

/** A name by which a user was found and is not any longer: candidates, to be held against the version of the moment. */
export interface PastUserKeyTable extends Omit<Past, 'since'> {
  user_id: string
  attribute: 'userName' | 'externalId' | 'emails.value'
  /** Prepared for comparison. */
  value: string
}

/** A name that a group had until it was renamed or deleted. */
export interface PastGroupTable extends Omit<Past, 'since'> {
  id: string
  display_name: string
}

export interface PastMemberTable extends Past {
  group_id: string
  member_id: string
}

export interface PastBindingTable extends Past, Omit<BindingTable, 'since'> {}

export interface PastUserBindingTable extends Past, Omit<UserBindingTable, 'since'> {}

/** Settings of a directory that were changed, or the last ones of a directory that was removed. */
export interface PastDirectoryTable extends Past {
  id: string
  name: string
  name_key: string
  settings: string
}

/** Who lost access by what the directory sent, since when within the window of its brake. */
export interface LossTable {
  directory_id: string
  user_id: string
  at: Instant
}

/** Something that administrators are told, until one of them has dealt with it. */
export interface AlarmTable {
  id: string
  directory_id: string
  /** `brake`: too many people lost access by what the directory sent; `protected`: somebody did who never may. */
  kind: 'brake' | 'protected'
  /** What becomes of access: `alarm`, it is gone; `hold`, it stays until an administrator decides. */
  measure: 'alarm' | 'hold'
  raised_at: Instant
  /** How many people it is about. */
  people: number
  /** JSON: the limit that was passed. */
  detail: string
  /** The moment from which on losses count for the next alarm of the directory. */
  counts_from: Instant | null
  /** What an administrator did about it; null while it is open. */
  outcome: 'acknowledged' | 'released' | 'rejected' | 'unfounded' | null
  closed_at: Instant | null
  closed_by: string | null
  reason: string | null
}

/** What the ceiling of a directory keeps its data from handing out to a user. */
export interface RefusalTable {
  user_seq: number
  /** Since when it is just that. */
  since: Instant
  /** JSON: an array of reasons. */
  document: string
}

/** Whose access stays as it was although the directory says otherwise; a row ends, and history keeps it. */
export interface HeldTable {
  seq: Generated<number>
  directory_id: string
  alarm_id: string
  /** A user who may be deleted. */
  user_id: string
  user_name: string
  user_name_key: string
  since: Instant
  /** JSON: the facts about the user as they were before. */
  facts: string
  /** What an administrator decided; null while nobody has. Who is `rejected` stays held. */
  verdict: 'released' | 'rejected' | null
  until: Instant | null
}

/** Names by which somebody who is held was found until the directory deleted the user. */
export interface HeldNameTable {
  held_seq: number
  /** `bound`: the name by which the configuration meant the user. */
  attribute: 'userName' | 'externalId' | 'emails.value' | 'bound'
  /** Prepared for comparison. */
  value: string
}

/** What tokens and clients are called that stand in the audit, for when they are gone. */
export interface ActorTable {
  /** As it stands in the audit. */
  actor: string
  label: string
}

export interface Database {
  settings: SettingTable
  directories: DirectoryTable
  tokens: TokenTable
  clients: ClientTable
  client_secrets: ClientSecretTable
  used_assertions: UsedAssertionTable
  secrets: SecretTable
  users: UserTable
  user_values: UserValueTable
  groups: GroupTable
  members: MemberTable
  counts: CountTable
  bindings: BindingTable
  user_bindings: UserBindingTable
  revisions: RevisionTable
  config_names: ConfigNameTable
  plans: PlanTable
  plan_effects: PlanEffectTable
  decisions: DecisionTable
  recomputes: RecomputeTable
  recompute_users: RecomputeUserTable
  changes: ChangeTable
  audit: AuditTable
  audit_seals: AuditSealTable
  tombstones: TombstoneTable
  pending_members: PendingMemberTable
  quirks: QuirkTable
  past_users: PastUserTable
  past_user_keys: PastUserKeyTable
  past_groups: PastGroupTable
  past_members: PastMemberTable
  past_bindings: PastBindingTable
  past_user_bindings: PastUserBindingTable
  past_directories: PastDirectoryTable
  losses: LossTable
  alarms: AlarmTable
  refusals: RefusalTable
  held: HeldTable
  held_names: HeldNameTable
  actors: ActorTable
}
