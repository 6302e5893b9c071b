import { LRUCache } from 'lru-cache'
import type { Brake, MayGrant, Mode, RateLimit, Rehire } from '../../schemas/config.ts'
import type { Context } from '../context.ts'
import { findDirectory } from '../store/directories.ts'

/** What the configuration says of a directory beyond its name and provider. */
export interface DirectorySettings {
  readonly mayGrant?: MayGrant | undefined
  /** Default: `tolerant`. */
  readonly mode?: Mode | undefined
  /** Default: `new`. */
  readonly rehire?: Rehire | undefined
  readonly rateLimit?: RateLimit | undefined
  /** What it leaves out is as `brakeOf` has it. */
  readonly brake?: Brake | undefined
}

const read = new Map<string, DirectorySettings>()

/** The settings in a stored text. Directories are few and their texts change rarely, so each text is parsed once. */
export function directorySettings(text: string): DirectorySettings {
  let settings = read.get(text)
  if (settings === undefined) {
    if (read.size > 1000) read.clear()
    read.set(text, (settings = JSON.parse(text) as DirectorySettings))
  }
  return settings
}

/** How long settings are used again: another process's change of them is obeyed within this time. */
const REMEMBER_MS = 1000

const remembered = new WeakMap<Context['engine'], LRUCache<string, DirectorySettings>>()

/** The settings that a directory has, or had a moment ago. */
export async function recentSettings(ctx: Context, directoryId: string): Promise<DirectorySettings> {
  const known = rememberedBy(ctx).get(directoryId)
  if (known !== undefined) return known
  const directory = await findDirectory(ctx.engine.read, directoryId, '')
  const settings = directorySettings(directory?.settings ?? '{}')
  rememberedBy(ctx).set(directoryId, settings)
  return settings
}

/** Forgets what is remembered, after settings were changed. */
export function forgetSettings(ctx: Context): void {
  rememberedBy(ctx).clear()
}

function rememberedBy(ctx: Context): LRUCache<string, DirectorySettings> {
  let cache = remembered.get(ctx.engine)
  if (cache === undefined) {
    remembered.set(ctx.engine, (cache = new LRUCache({ max: 1000, ttl: REMEMBER_MS })))
  }
  return cache
}
