import type { MayGrant, RateLimit } from '../../schemas/config.ts'

/** What the configuration says of a directory beyond its name and provider. */
export interface DirectorySettings {
  readonly mayGrant?: MayGrant | undefined
  readonly rateLimit?: RateLimit | undefined
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
