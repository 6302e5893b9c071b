import type { Context } from '../context.ts'
import type { Db } from '../store/db.ts'
import { namesOfSecrets } from '../store/secrets.ts'
import { boundNames } from './bind-names.ts'
import type { InForce } from './in-force.ts'
import type { Linted } from './lints.ts'
import { secretsIn } from './secrets.ts'

/** A configuration with what it is judged by, but for who ends where. */
export async function judged(
  ctx: Context,
  db: Db,
  { config, model }: Pick<InForce, 'config' | 'model'>,
  directories: Linted['directories'],
): Promise<Linted> {
  return {
    config,
    directories,
    bound: await boundNames(db, { model }),
    secrets: new Set(await namesOfSecrets(db, secretsIn(config))),
    now: ctx.now(),
  }
}
