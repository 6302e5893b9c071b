import type { Config } from '../../schemas/config.ts'
import type { Context } from '../context.ts'
import {
  deleteSecret,
  listSecrets as listRows,
  readSecret,
  upsertSecret,
  type StoredSecret,
} from '../store/secrets.ts'
import type { Cause } from './cause.ts'
import { inForce } from './in-force.ts'
import { readCursor, toPage } from './page.ts'
import { Problem } from './problem.ts'
import { record } from './record.ts'
import { NONCE, seal, unseal } from './sealed.ts'
import { changeFacts } from './unit-of-work.ts'

export interface SecretView extends StoredSecret {
  /** The connections whose `url` refers to it. */
  readonly usedBy: readonly string[]
}

/** Keeps a secret to which the configuration refers by `secret:<name>`, encrypted; it is never shown again. */
export async function setSecret(ctx: Context, cause: Cause, name: string, value: string): Promise<void> {
  const nonce = Buffer.from(ctx.newSecret(), 'base64url').subarray(0, NONCE)
  const sealed = seal(keyOf(ctx), nonce, name, value)
  await ctx.engine.write(async (db) => {
    await upsertSecret(db, { name, sealed, keyId: keyIdOf(ctx), at: ctx.now(), actor: cause.actor })
    await record(ctx, db, { cause, directoryId: null, kind: 'secret.set', subjectId: name })
  })
}

/** One page of the secrets in the order of their names, never what they hold. */
export async function listSecrets(
  ctx: Context,
  page: { limit: number; cursor?: string | undefined; search?: string | undefined },
): Promise<{ secrets: SecretView[]; nextCursor?: string }> {
  const after = readCursor(page.cursor, ['string'])
  const db = ctx.engine.read
  const found = await listRows(db, { search: page.search, after: after?.[0], limit: page.limit + 1 })
  const { rows, nextCursor } = toPage(found, page.limit, ({ name }) => [name])
  const { config } = await inForce(ctx, db)
  return {
    secrets: rows.map((row) => ({ ...row, usedBy: usesOf(config, row.name) })),
    ...(nextCursor !== undefined && { nextCursor }),
  }
}

/** Removes a secret. @throws Problem 404; 409 while a connection refers to it */
export async function removeSecret(ctx: Context, cause: Cause, name: string): Promise<void> {
  await changeFacts(ctx, async (ctx, db, { config }) => {
    const uses = usesOf(config, name)
    if (uses.length > 0) {
      throw new Problem(
        409,
        `the secret \`${name}\` is the \`url\` of ${uses.map((one) => `\`${one}\``).join(', ')}; give them another one first`,
      )
    }
    if (!(await deleteSecret(db, name))) throw new Problem(404, `there is no secret \`${name}\``)
    await record(ctx, db, { cause, directoryId: null, kind: 'secret.removed', subjectId: name })
  })
}

/** What a secret holds, or why that cannot be told. For whoever opens a connection, and for nobody else. */
export async function openSecret(
  ctx: Context,
  name: string,
): Promise<{ readonly value: string } | { readonly problem: string }> {
  const found = await readSecret(ctx.engine.read, name)
  if (found === undefined)
    return { problem: `there is no secret \`${name}\`; set it with \`signalbox secret set ${name}\`` }
  const value = found.keyId === keyIdOf(ctx) ? unseal(keyOf(ctx), name, found.sealed) : undefined
  return value === undefined
    ? {
        problem: `the secret \`${name}\` was encrypted under another key; set it again with \`signalbox secret set ${name}\``,
      }
    : { value }
}

/** The name in a reference `secret:<name>`; undefined for another one. */
export const secretIn = (reference: string | undefined): string | undefined =>
  /^secret:(.*)$/.exec(reference ?? '')?.[1]

/** The names of the secrets to which a configuration refers. */
export const secretsIn = ({ connections }: Config): string[] =>
  connections.map(({ url }) => secretIn(url)).filter((name) => name !== undefined)

const usesOf = ({ connections }: Config, secret: string): string[] =>
  connections.filter(({ url }) => secretIn(url) === secret).map(({ name }) => name)

const keyOf = (ctx: Context): Buffer => ctx.deriveKey('secrets of connections')

/** Says under which key something is encrypted, and nothing of the key. */
const keyIdOf = (ctx: Context): string =>
  ctx.deriveKey('name of the key of secrets of connections').toString('hex', 0, 8)
