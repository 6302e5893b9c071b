/**
 * Fills an empty database with the people of the benchmark: `node seed.ts <database url> <users>`.
 *
 * Users go straight into the store, and are decided all together afterwards: through the use cases of HTTP a
 * hundred thousand would take minutes.
 */
import { sql } from 'kysely'
import { openStore } from '../../db/open.ts'
import { createContext } from '../../src/context.ts'
import { createLog } from '../../src/log.ts'
import { applyConfiguration } from '../../src/provision/configuration.ts'
import { findDirectory } from '../../src/provision/directories.ts'
import { createGroup } from '../../src/provision/groups.ts'
import { inForce } from '../../src/provision/in-force.ts'
import { optionalText, toDocument } from '../../src/provision/document.ts'
import { recomputeAll } from '../../src/provision/recompute.ts'
import { fold } from '../../src/scim/fold.ts'
import { readResource } from '../../src/scim/resource/read.ts'
import { createResource } from '../../src/scim/resource/replace.ts'
import { indexedValues, searchDocument } from '../../src/scim/resource/search.ts'
import { createRecompute } from '../../src/store/recomputes.ts'
import { insertUser } from '../../src/store/users.ts'
import { configuration, groupId, groupName, groups, userBody, userId, userName } from './population.ts'

const [url = '', count = ''] = process.argv.slice(2)
const users = Number(count)
/** Users that share a commit. */
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
const { id: directoryId } = await findDirectory(ctx.engine.read, 'bench')
const { registry } = await inForce(ctx, engine.read)
const userType = registry.resourceType('User')

for (let from = 0; from < users; from += together) {
  await engine.write(async (db) => {
    for (let index = from; index < Math.min(from + together, users); index += 1)
      await insertUser(db, userOf(index))
  })
}
for (const group of ['small', 'large'] as const) {
  const length = Math.min(groups[group], users)
  const members = Array.from({ length }, (_, index) => ({ value: userId(index) }))
  const sent = readResource({ displayName: groupName(group), members }, registry.resourceType('Group'))
  await createGroup({ ...ctx, newId: () => groupId(group) }, { ...cause, directoryId }, sent)
}
await engine.write((db) =>
  createRecompute(db, { cause: 'bench', createdAt: ctx.now(), scope: { kind: 'all' } }),
)
await recomputeAll(ctx, () => undefined)

if (engine.name === 'postgres') await sql`analyze`.execute(engine.read)
await engine.close()

function userOf(index: number): Parameters<typeof insertUser>[1] {
  const id = userId(index)
  const resource = createResource(readResource(userBody(index), userType).resource, userType)
  const at = ctx.now()
  return {
    id,
    directoryId,
    userName: userName(index),
    userNameKey: fold(userName(index)),
    externalId: optionalText(resource, 'externalId'),
    displayName: optionalText(resource, 'displayName'),
    active: true,
    version: 1,
    createdAt: at,
    modifiedAt: at,
    salt: ctx.newSecret(),
    document: toDocument(id, resource, userType),
    search: JSON.stringify(searchDocument(resource, userType)),
    values: indexedValues(resource, userType),
  }
}
