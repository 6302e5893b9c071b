import { recentSettings } from '../../provision/directory-settings.ts'
import type { Reading } from '../../scim/quirks/ledger.ts'
import type { ScimCall } from './call.ts'

/** How literally the requests of a directory are read: as its settings say. */
export async function strictnessOf(call: ScimCall): Promise<Reading> {
  const { mode } = await recentSettings(call.ctx, call.directoryId)
  return { strict: mode === 'strict' }
}
