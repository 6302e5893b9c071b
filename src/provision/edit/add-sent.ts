import { Problem } from '../problem.ts'
import { addEntry, type Edited } from './add.ts'
import type { Document, Entry } from './document.ts'
import type { Where } from './entries.ts'
import { grantToGroup } from './grant-to-group.ts'

/**
 * Adds what was sent to a section: an entry, or among the grants one to a group, which is a rule.
 *
 * @throws Problem as `addEntry` and `grantToGroup`; 422 for a grant to a user and a group
 */
export function addSent(document: Document, where: Where, sent: Entry): Edited {
  if (where.section !== 'grants' || sent['group'] === undefined) return addEntry(document, where, sent)
  if (sent['user'] !== undefined) {
    const message = 'should not stand beside `group`: a grant is to a user or to a group'
    throw new Problem(422, `\`user\` ${message}`, [{ path: 'user', message }])
  }
  return grantToGroup(document, sent)
}
