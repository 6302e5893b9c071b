import { entriesAt, type Document, type Entry } from '../../provision/edit/document.ts'
import { idOf, sameId } from '../../provision/edit/sections.ts'
import type { SetUp, SetUpEnvironment } from '../../provision/edit/set-up-connection.ts'
import { Problem } from '../../provision/problem.ts'
import { USER_ATTRIBUTE_URN } from '../../../schemas/user-attribute.ts'
import type { Dialogue } from './dialogue.ts'
import { faultOf, faultOfSetUp } from './fault-of.ts'
import type { SetUpOptions } from './set-up-options.ts'

const USUAL_ATTRIBUTE = 'db_role'
const NONE = '-'

/** How values lead to environments. */
export interface Routing {
  readonly settings: Entry
  readonly attribute: SetUp['attribute']
  readonly valuesOf: ReadonlyMap<string, readonly string[]>
}

/** Asks which attribute decides, and which of its values lead where. */
export async function askRouting(
  connection: SetUp['connection'],
  places: readonly Pick<SetUpEnvironment, 'connection' | 'url'>[],
  options: SetUpOptions,
  document: Document,
  dialogue: Dialogue,
): Promise<Routing> {
  const nowhere: Routing = { settings: {}, attribute: undefined, valuesOf: new Map() }
  if (places.length === 0 && options.environmentAttribute === undefined) return nowhere
  const { name } = connection
  const find = (reference: string) =>
    entriesAt(document, ['userAttributes']).find((one) =>
      sameId('user-attributes', idOf('user-attributes', one), reference),
    )
  const reference = await dialogue.text({
    option: '--environment-attribute',
    given: options.environmentAttribute,
    ask: `Which user attribute decides where somebody’s queries run? (empty: ${USUAL_ATTRIBUTE}; ${NONE}: none)`,
    otherwise: USUAL_ATTRIBUTE,
    check: (answer) =>
      answer === NONE || find(answer) !== undefined
        ? undefined
        : faultOf(document, { section: 'user-attributes' }, { reference: answer }),
  })
  if (reference === NONE) return nowhere
  const known = find(reference)
  const from =
    known === undefined
      ? await askFrom(reference, options, document, dialogue)
      : refuseGiven(reference, options)
  const attribute = known === undefined ? { reference, ...(from !== '' && { from }) } : undefined
  const environmentAttribute = known === undefined ? reference : idOf('user-attributes', known)
  const valuesOf = new Map<string, readonly string[]>()
  /** What is wrong once these values lead to one of the places, as those before lead to theirs. */
  const faultWith = (to: string, values: readonly string[]): string | undefined => {
    const leading = new Map(valuesOf).set(to, values)
    return faultOfSetUp(document, {
      connection: { ...connection, environmentAttribute, values: leading.get(name) },
      environments: places.map((place) => ({
        ...place,
        values: leading.get(place.connection) ?? [],
        users: [],
        groups: [],
      })),
      attribute,
    })
  }
  const askValues = async (
    to: string,
    option: string,
    given: string | readonly string[] | undefined,
  ): Promise<void> => {
    const itself = to === name ? ' itself, the most permissive' : ''
    const values = await dialogue.list({
      option,
      given: given === undefined ? undefined : [given].flat(),
      ask: `Which values of ${reference} lead to ${to}${itself}? (commas between them)`,
      check: (answers) => faultWith(to, answers),
    })
    valuesOf.set(to, values)
  }
  await askValues(name, '--values', options.values)
  for (const { connection: place } of places)
    await askValues(place, '--environment-values', options.environmentValues[place])
  const values = valuesOf.get(name) ?? []
  const fallback = known === undefined ? await askDefault(name, reference, values, options, dialogue) : ''
  const dynamically = await dialogue.confirm(
    options.assignDynamically,
    `Are environments assigned dynamically, by these values? (no: everybody runs on ${name} itself for now)`,
    true,
    '--assign-dynamically',
  )
  return {
    settings: {
      environmentAttribute,
      ...(values.length > 0 && { values }),
      ...(!dynamically && { assignDynamically: false }),
    },
    attribute: attribute && { ...attribute, ...(fallback !== '' && { default: fallback }) },
    valuesOf,
  }
}

const askFrom = (
  reference: string,
  options: SetUpOptions,
  document: Document,
  dialogue: Dialogue,
): Promise<string> =>
  dialogue.text({
    option: '--attribute-from',
    given: options.attributeFrom,
    ask: `Which SCIM attribute feeds ${reference}? (empty: ${USER_ATTRIBUTE_URN}:${reference}, which is there anyway)`,
    otherwise: '',
    check: (from) => faultOf(document, { section: 'user-attributes' }, { reference, from }),
  })

function refuseGiven(reference: string, { attributeFrom, attributeDefault }: SetUpOptions): string {
  if (attributeFrom === undefined && attributeDefault === undefined) return ''
  throw new Problem(
    409,
    `there is a user attribute \`${reference}\` already; change it with \`signalbox attribute edit ${reference}\``,
  )
}

/** A default that leads to the most permissive connection lets in everybody whom nobody has thought of. */
async function askDefault(
  name: string,
  reference: string,
  values: readonly string[],
  options: SetUpOptions,
  dialogue: Dialogue,
): Promise<string> {
  for (;;) {
    const fallback = await dialogue.text({
      option: '--attribute-default',
      given: options.attributeDefault,
      ask: `Which ${reference} has somebody for whom nothing is sent? (empty: none, and they are denied)`,
      otherwise: '',
    })
    if (fallback === '' || !values.includes(fallback)) return fallback
    dialogue.say(
      `  careful: whoever was forgotten, or whose value gets lost, would run on ${name} itself, the most permissive connection`,
    )
    if (options.attributeDefault !== undefined || dialogue.silent) return fallback
    if (await dialogue.confirm(undefined, 'Is that what you want?', false)) return fallback
  }
}
