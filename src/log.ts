import { pino, type Logger } from 'pino'
import type { ServerConfig } from './config.ts'

export type { Logger }

/** The process's log: JSON lines on standard error, with whatever could be a secret taken out. */
export function createLog(
  level: ServerConfig['logLevel'],
  destination: pino.DestinationStream = pino.destination(2),
): Logger {
  return pino({ level, base: null, redact: { paths: SECRETS, censor: '[redacted]' } }, destination)
}

const SECRETS = [
  'authorization',
  'token',
  'password',
  'url',
  '*.authorization',
  '*.token',
  '*.password',
  '*.url',
]
