import type { z } from 'zod'
import type { newClient, newClientSecret } from '../../schemas/messages.ts'
import type { Context } from '../context.ts'
import { insertActor } from '../store/actors.ts'
import {
  findClient,
  findSecret,
  insertClient,
  insertSecret,
  listClients as listRows,
  listSecrets,
  revokeClient as revokeRow,
  revokeSecret as revokeSecretRow,
  type StoredClient,
  type StoredSecret,
} from '../store/clients.ts'
import type { Db } from '../store/db.ts'
import { lockDirectory } from '../store/directories.ts'
import { clientActor } from './actor.ts'
import type { Trust } from './assertion.ts'
import type { Cause } from './cause.ts'
import { findDirectory } from './directories.ts'
import { issuerOf, tokenUrlOf } from './oauth-issuer.ts'
import { readCursor, toPage } from './page.ts'
import { Problem } from './problem.ts'
import { record } from './record.ts'
import { makeSecret, newPrefix } from './secret-text.ts'
import { expiryOf } from './tokens.ts'

export interface SecretView {
  /** The public part. */
  readonly id: string
  readonly label: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
}

export interface ClientView {
  readonly id: string
  readonly directory: string
  readonly label: string
  readonly tokenSeconds: number
  readonly trust: Trust | null
  /** Where it fetches its tokens. */
  readonly tokenUrl: string
  readonly createdAt: string
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
  readonly secrets: readonly SecretView[]
}

/** How many secrets of one client may be valid at a time. */
const ALIVE_PER_CLIENT = 5

/**
 * Adds a client to a directory. One that shows assertions needs no secret; another one gets its first, shown this once.
 *
 * @throws Problem 404 when there is no such directory
 */
export async function createClient(
  ctx: Context,
  cause: Cause,
  directory: string,
  wanted: z.output<typeof newClient>,
): Promise<ClientView & { secret?: string }> {
  const { id: directoryId } = await findDirectory(ctx.engine.read, directory)
  const id = `sbc_${newPrefix(ctx)}`
  const trust = wanted.trust && {
    issuer: id,
    subject: id,
    audience: issuerOf(ctx, directoryId),
    ...wanted.trust,
  }
  const client = {
    id,
    directoryId,
    label: wanted.label,
    tokenSeconds: wanted.tokenSeconds,
    trust: trust === undefined ? null : JSON.stringify(trust),
    createdAt: ctx.now(),
  }
  const secret =
    trust === undefined ? newSecret(ctx, id, '', expiryOf('secret', undefined, ctx.now())) : undefined
  await ctx.engine.write(async (db) => {
    await insertClient(db, client)
    await insertActor(db, clientActor(id), client.label)
    if (secret !== undefined) await insertSecret(db, secret.row)
    await record(ctx, db, {
      cause,
      directoryId,
      kind: 'client.created',
      subjectId: id,
      detail: { after: { label: client.label, trust, secret: secret?.row.id } },
    })
  })
  return {
    ...view(ctx, { ...client, ...UNUSED }, secret === undefined ? [] : [{ ...secret.row, ...UNUSED }]),
    ...(secret !== undefined && { secret: secret.text }),
  }
}

/** One page of the clients of a directory in order of creation. @throws Problem 404 */
export async function listClients(
  ctx: Context,
  directory: string,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ clients: ClientView[]; nextCursor?: string }> {
  const { id } = await findDirectory(ctx.engine.read, directory)
  const after = readCursor(page.cursor, ['string', 'string'])
  const found = await listRows(ctx.engine.read, id, {
    after: after && { createdAt: after[0], id: after[1] },
    limit: page.limit + 1,
  })
  const { rows, nextCursor } = toPage(found, page.limit, (row) => [row.createdAt, row.id])
  const secrets = await listSecrets(
    ctx.engine.read,
    rows.map((row) => row.id),
  )
  return {
    clients: rows.map((row) => view(ctx, row, secrets)),
    ...(nextCursor !== undefined && { nextCursor }),
  }
}

/** One client of a directory. @throws Problem 404 */
export async function readClient(ctx: Context, directory: string, id: string): Promise<ClientView> {
  const client = await clientIn(ctx.engine.read, (await findDirectory(ctx.engine.read, directory)).id, id)
  return view(ctx, client, await listSecrets(ctx.engine.read, [id]))
}

/**
 * Makes a further secret for a client. Only a keyed hash of it is stored: it is shown this once.
 *
 * @throws Problem 404, 409 when the client has ended or has too many valid secrets
 */
export async function addSecret(
  ctx: Context,
  cause: Cause,
  directory: string,
  clientId: string,
  wanted: z.output<typeof newClientSecret>,
): Promise<SecretView & { secret: string }> {
  const { id: directoryId } = await findDirectory(ctx.engine.read, directory)
  const now = ctx.now()
  const { row, text } = newSecret(ctx, clientId, wanted.label, expiryOf('secret', wanted.expiresAt, now))
  await ctx.engine.write(async (db) => {
    // Held until the end, so that two requests cannot both find one place free.
    await lockDirectory(db, directoryId)
    const client = await clientIn(db, directoryId, clientId)
    if (client.revokedAt !== null) throw new Problem(409, `the client was revoked on ${client.revokedAt}`)
    const alive = (await listSecrets(db, [clientId])).filter((one) => isAlive(one, now))
    if (alive.length >= ALIVE_PER_CLIENT) {
      throw new Problem(
        409,
        `the client has ${ALIVE_PER_CLIENT} valid secrets already; revoke one that is no longer used`,
      )
    }
    await insertSecret(db, row)
    await record(ctx, db, {
      cause,
      directoryId,
      kind: 'client.secret_created',
      subjectId: clientId,
      detail: { after: { secret: row.id, label: row.label, expiresAt: row.expiresAt } },
    })
  })
  return { ...secretView({ ...row, ...UNUSED }), secret: text }
}

/** Ends a secret with the access tokens that were given for it. Ending it twice is no error. @throws Problem 404 */
export async function revokeSecret(
  ctx: Context,
  cause: Cause,
  directory: string,
  clientId: string,
  id: string,
): Promise<void> {
  const { id: directoryId } = await findDirectory(ctx.engine.read, directory)
  await ctx.engine.write(async (db) => {
    await clientIn(db, directoryId, clientId)
    const secret = await findSecret(db, id)
    if (secret?.clientId !== clientId) throw new Problem(404, `there is no secret \`${id}\` of this client`)
    if (!(await revokeSecretRow(db, id, ctx.now()))) return
    await record(ctx, db, {
      cause,
      directoryId,
      kind: 'client.secret_revoked',
      subjectId: clientId,
      detail: { before: { secret: id, label: secret.label } },
    })
  })
}

/** Ends a client with its access tokens. Ending it twice is no error. @throws Problem 404 */
export async function revokeClient(ctx: Context, cause: Cause, directory: string, id: string): Promise<void> {
  const { id: directoryId } = await findDirectory(ctx.engine.read, directory)
  await ctx.engine.write(async (db) => {
    const client = await clientIn(db, directoryId, id)
    if (!(await revokeRow(db, id, ctx.now()))) return
    await record(ctx, db, {
      cause,
      directoryId,
      kind: 'client.revoked',
      subjectId: id,
      detail: { before: { label: client.label } },
    })
  })
}

async function clientIn(db: Db, directoryId: string, id: string): Promise<StoredClient> {
  const client = await findClient(db, id)
  if (client?.directoryId !== directoryId)
    throw new Problem(404, `there is no client \`${id}\` in this directory`)
  return client
}

function newSecret(ctx: Context, clientId: string, label: string, expiresAt: string | null) {
  const { prefix, secret: text } = makeSecret(ctx, 'sbs')
  const row = {
    id: `sbs_${prefix}`,
    clientId,
    hash: ctx.digest(text),
    label,
    createdAt: ctx.now(),
    expiresAt,
  }
  return { row, text }
}

const isAlive = ({ revokedAt, expiresAt }: StoredSecret, now: string): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now)

const UNUSED = { revokedAt: null, lastUsedAt: null } as const

const secretView = ({
  id,
  label,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
}: StoredSecret): SecretView => ({
  id,
  label,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
})

function view(ctx: Context, client: StoredClient, secrets: readonly StoredSecret[]): ClientView {
  const { id, directoryId, label, tokenSeconds, trust, createdAt, revokedAt, lastUsedAt } = client
  return {
    id,
    directory: directoryId,
    label,
    tokenSeconds,
    trust: trust === null ? null : (JSON.parse(trust) as Trust),
    tokenUrl: tokenUrlOf(ctx, directoryId),
    createdAt,
    revokedAt,
    lastUsedAt,
    secrets: secrets.filter((one) => one.clientId === id).map(secretView),
  }
}
