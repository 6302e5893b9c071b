import { existsSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/** What the environment decides about one server process. `.env.example` lists every variable. */
export interface ServerConfig {
  readonly databaseUrl: string
  readonly databasePool: number
  readonly host: string
  readonly port: number
  /** Without a final slash; undefined: made from the address that the server listens on. */
  readonly publicUrl: string | undefined
  readonly adminToken: string | undefined
  readonly secretKey: string | undefined
  /** Undefined: checkpoints of the audit are kept in no file. */
  readonly auditCheckpointFile: string | undefined
  readonly logLevel: (typeof LOG_LEVELS)[number]
  readonly maxBodyBytes: number
  /** How long a statement of a list may take, in milliseconds. */
  readonly maxQueryMs: number
  /** Requests a second of one directory in the long run; 0: as many as it likes. */
  readonly rateLimit: number
  /** Requests of one directory at once. */
  readonly rateBurst: number
  /** For how many days what stood once is kept. */
  readonly historyDays: number
  /** Days for which a deleted user is remembered. */
  readonly tombstoneDays: number
}

/** A setting that the server cannot start with; the message is one line that names it. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((n) => n >= least && n <= most, `must be a whole number from ${least} to ${most}`)

/** One entry a variable: its name in the environment, what it must be, what it is when absent. */
const VARIABLES = {
  DATABASE_URL: z
    .string()
    .refine((url) => /^sqlite:.+/.test(url) || (/^postgres(ql)?:\/\/.+/.test(url) && URL.canParse(url)), {
      error:
        'must be `sqlite:<file>` or `postgres://<user>:<password>@<host>/<database>`, with special characters of the password percent-encoded',
    })
    .default('sqlite:./data/signalbox.db'),
  DATABASE_POOL: wholeNumber(1, 1000).default(10),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: wholeNumber(0, 65535).default(8080),
  PUBLIC_URL: z
    .url({
      protocol: /^https?$/,
      error:
        'must be the http(s) address at which others reach this server, such as `https://scim.example.com`',
    })
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  SIGNALBOX_ADMIN_TOKEN: z.string().min(20, 'must have at least 20 characters').optional(),
  SIGNALBOX_SECRET_KEY: z.string().min(32, 'must have at least 32 characters').optional(),
  AUDIT_CHECKPOINT_FILE: z.string().optional(),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  MAX_BODY_BYTES: wholeNumber(1024, 1024 ** 3).default(16 * 1024 ** 2),
  MAX_QUERY_MS: wholeNumber(1, 600_000).default(10_000),
  RATE_LIMIT: wholeNumber(0, 1_000_000).default(10_000),
  RATE_BURST: wholeNumber(1, 1_000_000).default(20_000),
  HISTORY_DAYS: wholeNumber(0, 36_500).default(400),
  TOMBSTONE_DAYS: wholeNumber(0, 36_500).default(365),
}

/** Every variable that the server reads. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(VARIABLES)

/**
 * Reads the settings of this process: its environment, and where that has nothing, the file `.env` of the folder. An
 * empty variable counts as absent.
 *
 * @throws ConfigError naming the first wrong variable and what it should be
 */
export function readConfig(): ServerConfig {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return parseSettings(process.env)
}

/** A variable of the environment to which the configuration refers by `env:NAME`; undefined when it is not set. */
export function readVariable(name: string): string | undefined {
  return process.env[name] || undefined
}

function parseSettings(env: NodeJS.ProcessEnv): ServerConfig {
  const given = Object.fromEntries(VARIABLE_NAMES.map((name) => [name, env[name] || undefined]))
  const parsed = z.object(VARIABLES).safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new ConfigError(`${issue?.path.join('.')} ${issue?.message}`)
  }
  const values = parsed.data
  return {
    databaseUrl: values.DATABASE_URL,
    databasePool: values.DATABASE_POOL,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL,
    adminToken: values.SIGNALBOX_ADMIN_TOKEN,
    secretKey: values.SIGNALBOX_SECRET_KEY,
    auditCheckpointFile: checkpointFile(values.AUDIT_CHECKPOINT_FILE, values.DATABASE_URL),
    logLevel: values.LOG_LEVEL,
    maxBodyBytes: values.MAX_BODY_BYTES,
    maxQueryMs: values.MAX_QUERY_MS,
    rateLimit: values.RATE_LIMIT,
    rateBurst: values.RATE_BURST,
    historyDays: values.HISTORY_DAYS,
    tombstoneDays: values.TOMBSTONE_DAYS,
  }
}

/** Where this process keeps files: beside the SQLite database, or in `data`. */
export function dataFolder(databaseUrl: string): string {
  return databaseUrl.startsWith('sqlite:')
    ? path.dirname(databaseUrl.slice('sqlite:'.length).replace(/^\/\//, ''))
    : 'data'
}

function checkpointFile(setting: string | undefined, databaseUrl: string): string | undefined {
  return setting === 'none'
    ? undefined
    : (setting ?? path.join(dataFolder(databaseUrl), 'audit-checkpoints.jsonl'))
}
