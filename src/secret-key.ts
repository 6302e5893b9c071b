import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Engine } from '../db/dialects/dialect.ts'
import { ConfigError, dataFolder, type ServerConfig } from './config.ts'
import { readSetting, writeSettingOnce } from './store/settings.ts'

/**
 * The key under which tokens are hashed: `SIGNALBOX_SECRET_KEY`, or else the one in `secret.key` beside the data,
 * which is made on the first start.
 *
 * The store keeps a fingerprint of the key, so that a process with another key stops instead of refusing every token.
 *
 * @throws ConfigError when the key is not the one that this installation was started with
 */
export async function secretKey(config: ServerConfig, engine: Engine): Promise<string> {
  const key = config.secretKey ?? keyInFile(path.join(dataFolder(config.databaseUrl), 'secret.key'))
  const fingerprint = createHash('sha256').update(`signalbox:${key}`).digest('hex')
  await engine.write((db) => writeSettingOnce(db, FINGERPRINT, fingerprint))
  if ((await readSetting(engine.read, FINGERPRINT)) !== fingerprint) {
    throw new ConfigError(
      'SIGNALBOX_SECRET_KEY is not the key that this installation was first started with; set it to that one, or bring back its `secret.key` file',
    )
  }
  return key
}

const FINGERPRINT = 'secret_key_fingerprint'

function keyInFile(file: string): string {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true })
  try {
    // `wx` decides between two processes that start at once: one writes, the other reads.
    writeFileSync(file, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  return readFileSync(file, 'utf8').trim()
}
