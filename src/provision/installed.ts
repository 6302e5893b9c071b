import type { Context } from '../context.ts'
import { PUBLIC_URL_SETTING, readSetting, writeSetting } from '../store/settings.ts'
import { recordQuietly } from './record.ts'

/** The address of the server that was started last on a store; undefined when none ever was. */
export async function installedAt(engine: Context['engine']): Promise<string | undefined> {
  return readSetting(engine.read, PUBLIC_URL_SETTING).catch(() => undefined)
}

/** Keeps the address of the server that is starting. */
export async function keepAddress(ctx: Context): Promise<void> {
  const { publicUrl } = ctx
  await ctx.engine.write(async (db) => {
    const before = await readSetting(db, PUBLIC_URL_SETTING)
    if (before === publicUrl) return
    await writeSetting(db, PUBLIC_URL_SETTING, publicUrl)
    await recordQuietly(ctx, db, {
      cause: { actor: 'system', requestId: ctx.newRequestId() },
      directoryId: null,
      kind: 'installation.moved',
      subjectId: PUBLIC_URL_SETTING,
      detail: { before: { publicUrl: before ?? null }, after: { publicUrl } },
    })
  })
}
