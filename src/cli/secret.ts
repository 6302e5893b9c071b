import { Command } from 'commander'
import { z } from 'zod'
import { newSecret, secretName } from '../../schemas/messages/secrets.ts'
import { listSecrets, removeSecret, setSecret } from '../provision/secrets.ts'
import { checked } from './checked.ts'
import { byCommand, withInstallation } from './local.ts'
import { printJson, printTable } from './print.ts'
import { readSecret } from './read-secret.ts'

export const secretCommand = (): Command =>
  new Command('secret')
    .description('secrets to which connections refer by `url: secret:<name>`, kept encrypted')
    .addCommand(
      new Command('set')
        .description('keep a secret, read from standard input; it is never shown again')
        .argument('<name>', 'letters, digits, `.`, `_` and `-`')
        .option('--json', 'for programs')
        .action(async (given: string, options: { json?: true }) => {
          const { name } = checked(z.object({ name: secretName }), { name: given })
          const { value } = checked(newSecret, { value: await readSecret(`value of ${name}`) })
          await withInstallation((ctx) => setSecret(ctx, byCommand(ctx), name, value))
          if (options.json) printJson({ set: name })
          else console.log(`set ${name}; refer to it by url: secret:${name}`)
        }),
    )
    .addCommand(
      new Command('list')
        .description('list secrets, never what they hold')
        .option('--search <text>', 'part of the name')
        .option('--json', 'for programs')
        .action(async (options: { search?: string; json?: true }) => {
          const { secrets } = await withInstallation((ctx) =>
            listSecrets(ctx, { limit: 1000, search: options.search }),
          )
          if (options.json) return printJson({ secrets })
          printTable(
            ['NAME', 'SET', 'BY', 'USED BY'],
            secrets.map((one) => [one.name, one.updatedAt, one.updatedBy, one.usedBy.join(', ') || null]),
          )
        }),
    )
    .addCommand(
      new Command('remove')
        .description('remove a secret that no connection refers to')
        .argument('<name>')
        .option('--json', 'for programs')
        .action(async (name: string, options: { json?: true }) => {
          await withInstallation((ctx) => removeSecret(ctx, byCommand(ctx), name))
          if (options.json) printJson({ removed: name })
          else console.log(`removed ${name}`)
        }),
    )
