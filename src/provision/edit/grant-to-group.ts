import { configSchema } from '../../../schemas/config.ts'
import { fold } from '../../scim/fold.ts'
import { Problem } from '../problem.ts'
import { addEntry, type Edited } from './add.ts'
import { entriesAt, type Document, type Entry } from './document.ts'
import { listFound } from './entries.ts'
import { idOf } from './sections.ts'

const rule = configSchema.shape.rules.unwrap().element
const { role, on } = rule.shape.grant.unwrap().shape

/** What is sent to grant a role to a group. */
export const grantToGroupSchema = rule
  .omit({ when: true, set: true, grant: true })
  .extend({ name: rule.shape.name.optional(), group: rule.shape.group.unwrap(), role, on })

/**
 * Grants a role to a group: that is a rule with the group and the grant, so that there is one mechanism. It is the last
 * of the rules, and has a name made of what it gives where none is sent.
 *
 * @throws Problem 409 when the group has the same grant by such a rule already
 */
export function grantToGroup(document: Document, { name, role, on, ...more }: Entry): Edited {
  const rule = { name: name ?? freeName(document, { role, on, ...more }), ...more, grant: { role, on } }
  const same = entriesAt(document, ['rules']).find((one) => isSame(one, rule))
  if (same !== undefined) {
    throw new Problem(409, `the rule \`${String(same['name'])}\` grants that already; change that one`)
  }
  return {
    ...addEntry(document, { section: 'rules' }, rule),
    saidAs: { 'grant.role': 'role', 'grant.on': 'on' },
  }
}

/** Whether a rule grants the same thing to the same group, whenever. */
function isSame(one: Entry, other: Entry): boolean {
  if (one['when'] !== undefined || one['set'] !== undefined || one['grant'] === undefined) return false
  const known = ({ group, directory, grant, from }: Entry): string | undefined => {
    const { role, on } = grant as Entry
    return idOf('grants', { user: group, directory, role, on, from })
  }
  return known(one) === known(other)
}

/** As long as a name may be. */
const LONGEST = 128

function freeName(document: Document, { group, role, on }: Entry): string {
  const target = typeof on === 'string' ? on : Object.values((on ?? {}) as object).join(' ')
  const name = `${String(role)} on ${target} for ${String(group)}`
  const taken = new Set(listFound(document, { section: 'rules' }).map(({ id }) => fold(id)))
  for (let number = 1; ; number += 1) {
    const ending = number === 1 ? '' : ` ${number}`
    const candidate = `${name.slice(0, LONGEST - ending.length).trimEnd()}${ending}`
    if (!taken.has(fold(candidate))) return candidate
  }
}
