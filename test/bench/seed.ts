/**
 * Fills an empty database with the people of the benchmark: `node seed.ts <database url> <users>`.
 *
 * It goes through the same use cases as HTTP, so that decisions, changes and audit are there as well, but many users
 * share a commit.
 */
import { sql } from 'kysely'
import { openStore } from '../../db/open.ts'
import { createContext } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { applyConfiguration } from '../../src/provision/configuration.ts'
import { findDirectory } from '../../src/provision/directories.ts'
import { createGroup } from '../../src/provision/groups.ts'
import { inForce } from '../../src/provision/in-force.ts'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { createUser } from '../../src/provision/users.ts'
import { readResource } from '../../src/scim/resource/read.ts'
import { configuration, groupId, groupName, groups, userBody, userId } from './population.ts'

const [url = '', count = ''] = process.argv.slice(2)
const users = Number(count)
/** As many as hand in their work together. */
const together = 500

const engine = await openStore(url)
await engine.migrate()
const ctx = createContext({
  engine,
  log: createLog('silent'),
  publicUrl: 'http://127.0.0.1:8080',
  secretKey: 'a key that protects nothing but a benchmark',
})
const cause = { actor: 'bench', requestId: 'seed' }
await applyConfiguration(ctx, cause, configuration)
const { id: directoryId } = await findDirectory(ctx, 'bench')
const { registry } = await inForce(ctx, engine.read)

for (let from = 0; from < users; from += together) {
  await Promise.all(
    Array.from({ length: Math.min(together, users - from) }, (_, offset) => {
      const sent = readResource(userBody(from + offset), registry.resourceType('User'))
      return createUser({ ...ctx, newId: () => userId(from + offset) }, { ...cause, directoryId }, sent)
    }),
  )
}
for (const group of ['small', 'large'] as const) {
  const length = Math.min(groups[group], users)
  const members = Array.from({ length }, (_, index) => ({ value: userId(index) }))
  const sent = readResource({ displayName: groupName(group), members }, registry.resourceType('Group'))
  await createGroup({ ...ctx, newId: () => groupId(group) }, { ...cause, directoryId }, sent)
}
await recomputeAll(ctx, () => undefined)

if (engine.name === 'postgres') await sql`analyze`.execute(engine.read)
await engine.close()
