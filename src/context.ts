import { createHmac, hkdfSync, randomBytes, randomUUID } from 'node:crypto'
import type { Engine } from '../db/dialects/dialect.ts'
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
  /** 256 random bits as base64url. */
  readonly newSecret: () => string
  /** The keyed hash under which a secret is stored, as hex. */
  readonly digest: (secret: string) => string
  /** A key of 256 bits for one purpose, derived from the key of the installation (RFC 5869). */
  readonly deriveKey: (purpose: string) => Buffer
  /** A variable of the environment of this process; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined
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
  return {
    engine: parts.engine,
    log: parts.log,
    publicUrl: parts.publicUrl,
    now: () => new Date().toISOString(),
    newId,
    newSecret: () => randomBytes(32).toString('base64url'),
    digest: (secret) => createHmac('sha256', parts.secretKey).update(secret).digest('hex'),
    deriveKey: (purpose) => Buffer.from(hkdfSync('sha256', parts.secretKey, '', `signalbox ${purpose}`, 32)),
    variable: readVariable,
  }
}
