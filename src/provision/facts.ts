import { directorySettings } from './directory-settings.ts'
import type { Facts } from '../mapping/facts.ts'
import type { UserFacts } from '../store/facts.ts'
import { fromDocument } from './document.ts'

/** Stored facts as mapping takes them. */
export function toFacts({ user, directory, groups, bindings }: UserFacts, at: string): Facts {
  return {
    user: {
      id: user.id,
      userName: user.userName,
      names: user.names,
      active: user.active,
      resource: fromDocument(user.document),
    },
    directory: {
      id: directory.id,
      name: directory.name,
      mayGrant: directorySettings(directory.settings).mayGrant,
    },
    groups,
    bindings,
    at,
  }
}
