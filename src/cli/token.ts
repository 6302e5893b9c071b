import { Command, Option } from 'commander'
import { SCOPES } from '../../schemas/messages.ts'
import { issueToken, listTokens, revokeToken } from '../provision/tokens.ts'
import type { Scope } from '../provision/authenticate.ts'
import { byCommand, withInstallation } from './local.ts'
import { printJson, printTable } from './print.ts'

export const tokenCommand = (): Command =>
  new Command('token')
    .description('bearer tokens of identity providers, services and administrators')
    .addCommand(
      new Command('add')
        .description('make a token and show it, this once; two of a directory may live at a time')
        .argument('[directory]', 'for the scope `scim`: name or id of the directory')
        .addOption(new Option('--scope <scope>', 'what it may do').choices([...SCOPES]).default('scim'))
        .option('--label <text>', 'what it is for', '')
        .option('--expires-at <moment>', 'ISO 8601, or `never` (default: in one year)')
        .option('--json', 'for programs')
        .action(
          async (
            directory: string | undefined,
            options: { scope: Scope; label: string; expiresAt?: string; json?: true },
          ) => {
            const issued = await withInstallation((ctx) =>
              issueToken(ctx, byCommand(ctx), {
                scope: options.scope,
                directory,
                label: options.label,
                expiresAt: options.expiresAt === 'never' ? null : options.expiresAt,
              }),
            )
            if (options.json) return printJson(issued)
            console.log(`${issued.token}\nexpires ${issued.expiresAt ?? 'never'}; shown this once`)
          },
        ),
    )
    .addCommand(
      new Command('list')
        .description('list tokens, never the secrets')
        .option('--directory <name>', 'name or id')
        .option('--search <text>', 'part of the label or prefix')
        .option('--json', 'for programs')
        .action(async (options: { directory?: string; search?: string; json?: true }) => {
          const { tokens } = await withInstallation((ctx) => listTokens(ctx, { limit: 1000, ...options }))
          if (options.json) return printJson({ tokens })
          printTable(
            ['PREFIX', 'SCOPE', 'DIRECTORY', 'LABEL', 'STATE', 'EXPIRES', 'LAST USE'],
            tokens.map((one) => [
              one.prefix,
              one.scope,
              one.directoryName,
              one.label,
              one.state,
              one.expiresAt,
              one.lastUsedAt,
            ]),
          )
        }),
    )
    .addCommand(
      new Command('revoke')
        .description('end a token at once')
        .argument('<token>', 'id or prefix')
        .option('--json', 'for programs')
        .action(async (token: string, options: { json?: true }) => {
          await withInstallation((ctx) => revokeToken(ctx, byCommand(ctx), token))
          const shown = token.slice(0, 36).replace(/^(sb_[^_]*)_.*/, '$1')
          if (options.json) printJson({ revoked: shown })
          else console.log(`revoked ${shown}`)
        }),
    )
