import { entriesAt, type Document } from '../../provision/edit/document.ts'
import { listFound, refuseTaken } from '../../provision/edit/entries.ts'
import { sameId, SECTIONS } from '../../provision/edit/sections.ts'
import type { SetUp, SetUpEnvironment } from '../../provision/edit/set-up-connection.ts'
import { WrongUsage } from '../checked.ts'
import { askRouting, type Routing } from './ask-routing.ts'
import { against, type Dialogue } from './dialogue.ts'
import { faultOf, faultOfSetUp } from './fault-of.ts'
import type { SetUpOptions } from './set-up-options.ts'

const { shape } = SECTIONS.connections.schema
const CONNECTIONS = { section: 'connections' } as const

/**
 * Asks for everything that a connection with environments needs, in the order in which it is thought of: the most
 * permissive role first, then the others, then who gets where.
 *
 * @throws Problem 409 when the name is taken; WrongUsage for an option that is wrong or missing
 */
export async function askSetUp(
  name: string,
  options: SetUpOptions,
  document: Document,
  dialogue: Dialogue,
): Promise<SetUp> {
  const wrong = against(shape.name)(name)
  if (wrong !== undefined) throw new WrongUsage(`the name of the connection ${wrong}`)
  refuseTaken(document, CONNECTIONS, name)
  refuseStrayOptions(options)
  const dialect = await dialogue.text({
    option: '--dialect',
    given: options.dialect,
    ask: 'What kind of database is it: postgres, snowflake, bigquery …?',
    check: against(shape.dialect),
  })
  const { baseRole: _role, environmentAttribute: _attribute, values: _values, ...settings } = options.further
  const wrongSetting = faultOf(document, CONNECTIONS, { ...settings, name, dialect, url: undefined })
  if (wrongSetting !== undefined) throw new WrongUsage(`a setting of the connection ${wrongSetting}`)
  const url = await askUrl(dialogue, '--url', options.url, `the most permissive role of ${name}`)
  const baseRole = await dialogue.text({
    option: '--base-role',
    given: options.baseRole,
    ask: `Which role has everybody here at least: ${rolesOf(document)}? (empty: none)`,
    otherwise: '',
    check: (role) => faultOf(document, CONNECTIONS, { name, dialect, baseRole: role }),
  })
  const places = await askEnvironments(name, dialect, options, document, dialogue)
  const routing = await askRouting({ name, dialect }, places, options, document, dialogue)
  const environments: SetUpEnvironment[] = []
  for (const place of places) environments.push(await askPicks(place, routing, options, document, dialogue))
  return {
    connection: {
      name,
      ...options.further,
      dialect,
      ...(url !== '' && { url }),
      ...(baseRole !== '' && { baseRole }),
      ...routing.settings,
    },
    environments,
    attribute: routing.attribute,
    models: await dialogue.list({
      option: '--models',
      given: options.models,
      ask: `Which data models are to be built on ${name}? (commas between them; empty: none)`,
      check: (models) => faultOfSetUp(document, { connection: { name, dialect }, models }),
    }),
    removeExtraModels: await askExtraModels(name, environments, options, document, dialogue),
  }
}

const rolesOf = (document: Document): string =>
  listFound(document, { section: 'roles' })
    .map(({ id }) => id)
    .join(', ')

/** What is said of an environment has to be said of one. */
function refuseStrayOptions(options: SetUpOptions): void {
  const { environments } = options
  const said = {
    '--environment-url': options.environmentUrls,
    '--environment-values': options.environmentValues,
    '--environment-groups': options.environmentGroups,
    '--environment-users': options.environmentUsers,
    '--environment-directory': options.environmentDirectories,
  }
  for (const [option, texts] of Object.entries(said)) {
    const stray = Object.keys(texts).find((one) => !environments?.includes(one))
    if (stray !== undefined) {
      throw new WrongUsage(`\`${option}\` names \`${stray}\`, which is no \`--environment\``)
    }
  }
}

const askUrl = (dialogue: Dialogue, option: string, given: string | undefined, of: string): Promise<string> =>
  dialogue.text({
    option,
    given,
    ask: `Where is the URL of ${of}: env:NAME, file:/path or secret:name? (empty: said later)`,
    otherwise: '',
    check: against(shape.url),
  })

type Place = Pick<SetUpEnvironment, 'connection' | 'url'>

async function askEnvironments(
  name: string,
  dialect: string,
  options: SetUpOptions,
  document: Document,
  dialogue: Dialogue,
): Promise<Place[]> {
  const { environments, environmentUrls } = options
  const places: Place[] = []
  const present = entriesAt(document, ['connections']) as readonly { name: string; dialect: string }[]
  const find = (wanted: string) => present.find((one) => sameId('connections', one.name, wanted))
  for (let at = 0; at < (environments?.length ?? Infinity); at++) {
    const connection = await dialogue.text({
      option: '--environment',
      given: environments?.[at],
      ask:
        at === 0
          ? `Which connection stands for another role of the same database? (empty: none)`
          : 'Which one for a further role? (empty: no more)',
      otherwise: '',
      check(answer) {
        if (sameId('connections', answer, name)) return `\`${answer}\` is the primary connection itself`
        if (places.some((one) => sameId('connections', one.connection, answer)))
          return `\`${answer}\` was named already`
        const other = find(answer)?.dialect
        return other === undefined || other === dialect
          ? against(shape.name)(answer)
          : `\`${answer}\` has the dialect \`${other}\`, not \`${dialect}\``
      },
    })
    if (connection === '') break
    const known = find(connection)
    const given = environmentUrls[connection] as string | undefined
    const url =
      known !== undefined && given === undefined
        ? ''
        : await askUrl(dialogue, '--environment-url', given, connection)
    places.push({
      connection: known === undefined ? connection : known.name,
      ...(url !== '' && { url }),
    })
  }
  return places
}

async function askPicks(
  { connection, url }: Place,
  { valuesOf }: Routing,
  options: SetUpOptions,
  document: Document,
  dialogue: Dialogue,
): Promise<SetUpEnvironment> {
  const ask = (what: string, option: string, given: string | readonly string[] | undefined) =>
    dialogue.list({
      option,
      given: given === undefined ? undefined : [given].flat(),
      ask: `Which ${what} ask for ${connection} by name? (commas between them; empty: none)`,
    })
  const groups = await ask(
    'groups’ members may',
    '--environment-groups',
    options.environmentGroups[connection],
  )
  const users = await ask('users may', '--environment-users', options.environmentUsers[connection])
  const given = options.environmentDirectories[connection] as string | undefined
  const directories = entriesAt(document, ['directories']).map((one) => String(one['name']))
  // A user name means another person in each directory.
  const isNeeded = users.length > 0 && directories.length > 1
  const directory =
    given === undefined && !isNeeded
      ? undefined
      : await dialogue.text({
          option: '--environment-directory',
          given,
          ask: `Of which directory are they: ${directories.join(', ')}?`,
          check: (answer) =>
            directories.includes(answer) ? undefined : `there is no directory \`${answer}\``,
        })
  return { connection, url, values: valuesOf.get(connection) ?? [], groups, users, directory }
}

function askExtraModels(
  name: string,
  environments: readonly SetUpEnvironment[],
  { removeExtraModels }: SetUpOptions,
  document: Document,
  dialogue: Dialogue,
): Promise<boolean> {
  const names = new Set(environments.map(({ connection }) => connection))
  const extra = entriesAt(document, ['models']).filter((model) => names.has(String(model['connection'])))
  if (extra.length === 0) return Promise.resolve(false)
  const which = extra.map((model) => String(model['name'])).join(', ')
  return dialogue.confirm(
    removeExtraModels,
    `Environments share the models of ${name}. Are the models on them removed: ${which}?`,
    false,
    '--remove-extra-models',
  )
}
