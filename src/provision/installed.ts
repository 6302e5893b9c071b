import type { Context } from '../context.ts'
import { PUBLIC_URL_SETTING, readSetting } from '../store/settings.ts'

/** The address of the server that was started last on a store; undefined when none ever was. */
export async function installedAt(engine: Context['engine']): Promise<string | undefined> {
  return readSetting(engine.read, PUBLIC_URL_SETTING).catch(() => undefined)
}
