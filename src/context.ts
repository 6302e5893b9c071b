import { createHmac, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import type { Engine } from '../db/dialects/dialect.ts'
import { createAuditKeys, type AuditKeys } from './audit-keys.ts'
import { readVariable } from './config.ts'
import type { Logger } from './log.ts'

/** What every use case needs of its surroundings: the store, the clock, the makers of ids and secrets. */
export interface Context {
  readonly engine: Engine
  readonly log: Logger
  /** Under which others reach this server, without a final slash. */
  readonly publicUrl: string
  /** The present moment, ISO 8601 in UTC with milliseconds. */
  readonly now: () => string
  /** A new identifier: a random UUID, which never contains `bulkId` (RFC 7643 §3.1). */
  readonly newId: () => string
  /** A new id of a request: those of a process follow each other, so that an index over them grows at its end. */
  readonly newRequestId: () => string
  /** 256 random bits as base64url. */
  readonly newSecret: () => string
  /** The keyed hash under which a secret is stored, as hex. */
  readonly digest: (secret: string) => string
  /** A key of 256 bits for one purpose, derived from the key of the installation (RFC 5869). */
  readonly deriveKey: (purpose: string) => Buffer
  /** A variable of the environment of this process; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined
  /** What the audit is marked and sealed with. */
  readonly audit: AuditKeys
}

/** A random UUID; by this name for commands that talk to a server from outside and have no context. */
export const newId = (): string => randomUUID()

/** Puts a context together; the one place where clock, ids and randomness are made. */
export function createContext(parts: {
  readonly engine: Engine
  readonly log: Logger
  readonly publicUrl: string
  readonly secretKey: string
}): Context {
  const deriveKey: Context['deriveKey'] = (purpose) =>
    Buffer.from(hkdfSync('sha256', parts.secretKey, '', `signalbox ${purpose}`, 32))
  return {
    engine: parts.engine,
    log: parts.log,
    publicUrl: parts.publicUrl,
    now: () => new Date().toISOString(),
    newId,
    newRequestId: createRequestIds(),
    newSecret: () => randomBytes(32).toString('base64url'),
    digest: (secret) => createHmac('sha256', parts.secretKey).update(secret).digest('hex'),
    deriveKey,
    variable: readVariable,
    audit: createAuditKeys(deriveKey),
  }
}

/** The start of the process, so that later processes come later too, with something random, and a number that grows. */
function createRequestIds(): () => string {
  const run = `${Date.now().toString(36)}${randomBytes(3).toString('hex')}`
  let number = 0
  return () => `${run}-${(number++).toString(36).padStart(6, '0')}`
}
