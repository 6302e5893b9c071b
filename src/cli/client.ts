import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { newClient, newClientSecret } from '../../schemas/messages.ts'
import { addSecret, createClient, listClients, revokeClient, revokeSecret } from '../provision/clients.ts'
import { Problem } from '../provision/problem.ts'
import { checked } from './checked.ts'
import { byCommand, withInstallation } from './local.ts'
import { wholeNumber } from './options.ts'
import { printJson, printTable } from './print.ts'

export const clientCommand = (): Command =>
  new Command('client')
    .description('identity providers that fetch their own tokens (OAuth 2.0 client credentials)')
    .addCommand(
      new Command('add')
        .description(
          'add a client and show its secret, this once; with --jwks… it shows signed assertions instead',
        )
        .argument('<directory>', 'name or id')
        .option('--label <text>', 'what it is for', '')
        .option(
          '--token-seconds <number>',
          'how long its access tokens live, from 3600 to 21600',
          wholeNumber,
          3600,
        )
        .option('--jwks-url <url>', 'where the issuer of the assertions shows its keys')
        .option('--jwks <file>', 'a file with the public keys of the issuer')
        .option('--issuer <text>', '`iss` of the assertions (default: the client id)')
        .option('--subject <text>', '`sub` of the assertions (default: the client id)')
        .option('--audience <text>', '`aud` of the assertions (default: the issuer address of the directory)')
        .option('--json', 'for programs')
        .action(async (directory: string, options: AddOptions) => {
          const wanted = checked(newClient, {
            label: options.label,
            tokenSeconds: options.tokenSeconds,
            trust: trustOf(options),
          })
          const created = await withInstallation((ctx) =>
            createClient(ctx, byCommand(ctx), directory, wanted),
          )
          if (options.json) return printJson(created)
          const { trust } = created
          console.log(
            [
              `client id       ${created.id}`,
              `token endpoint  ${created.tokenUrl}`,
              ...(created.secret === undefined
                ? []
                : [`client secret   ${created.secret}  (shown this once)`]),
              ...(trust === null
                ? []
                : [
                    `issuer          ${trust.issuer}`,
                    `subject         ${trust.subject}`,
                    `audience        ${trust.audience}`,
                  ]),
            ].join('\n'),
          )
        }),
    )
    .addCommand(
      new Command('list')
        .description('list the clients of a directory, never their secrets')
        .argument('<directory>', 'name or id')
        .option('--json', 'for programs')
        .action(async (directory: string, options: { json?: true }) => {
          const { clients } = await withInstallation((ctx) => listClients(ctx, directory, { limit: 1000 }))
          if (options.json) return printJson({ clients })
          printTable(
            ['CLIENT OR SECRET', 'LABEL', 'SHOWS', 'EXPIRES', 'REVOKED', 'LAST USE'],
            clients.flatMap((one) => [
              [one.id, one.label, one.trust?.issuer ?? 'a secret', null, one.revokedAt, one.lastUsedAt],
              ...one.secrets.map((secret) => [
                `  ${secret.id}`,
                secret.label,
                null,
                secret.expiresAt,
                secret.revokedAt,
                secret.lastUsedAt,
              ]),
            ]),
          )
        }),
    )
    .addCommand(
      new Command('secret')
        .description('make a further secret for a client and show it, this once; five may live at a time')
        .argument('<directory>', 'name or id')
        .argument('<client>', 'client id')
        .option('--label <text>', 'what it is for', '')
        .option('--expires-at <moment>', 'ISO 8601, or `never` (default: in one year)')
        .option('--json', 'for programs')
        .action(
          async (
            directory: string,
            client: string,
            options: { label: string; expiresAt?: string; json?: true },
          ) => {
            const expiresAt = options.expiresAt === 'never' ? null : options.expiresAt
            const wanted = checked(newClientSecret, { label: options.label, expiresAt })
            const issued = await withInstallation((ctx) =>
              addSecret(ctx, byCommand(ctx), directory, client, wanted),
            )
            if (options.json) return printJson(issued)
            console.log(`${issued.secret}\nexpires ${issued.expiresAt ?? 'never'}; shown this once`)
          },
        ),
    )
    .addCommand(
      new Command('revoke')
        .description('end a client, or one of its secrets, with the tokens that it fetched')
        .argument('<directory>', 'name or id')
        .argument('<client>', 'client id')
        .argument('[secret]', 'the public part of a secret: `sbs_…`')
        .option('--json', 'for programs')
        .action(
          async (directory: string, client: string, secret: string | undefined, options: { json?: true }) => {
            await withInstallation((ctx) =>
              secret === undefined
                ? revokeClient(ctx, byCommand(ctx), directory, client)
                : revokeSecret(ctx, byCommand(ctx), directory, client, secret),
            )
            if (options.json) printJson({ revoked: secret ?? client })
            else console.log(`revoked ${secret ?? client}`)
          },
        ),
    )

interface AddOptions {
  readonly label: string
  readonly tokenSeconds: number
  readonly jwksUrl?: string
  readonly jwks?: string
  readonly issuer?: string
  readonly subject?: string
  readonly audience?: string
  readonly json?: true
}

function trustOf({ jwksUrl, jwks, issuer, subject, audience }: AddOptions): object | undefined {
  if ([jwksUrl, jwks, issuer, subject, audience].every((one) => one === undefined)) return undefined
  return { jwksUrl, jwks: jwks === undefined ? undefined : readKeys(jwks), issuer, subject, audience }
}

function readKeys(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new Problem(422, `the file \`${file}\` cannot be read as a key set: ${(error as Error).message}`)
  }
}
