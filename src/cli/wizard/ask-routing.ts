import { entriesAt, type Document, type Entry } from '../../provision/edit/document.ts'
import { idOf, sameId, SECTIONS } from '../../provision/edit/sections.ts'
import type { SetUp, SetUpEnvironment } from '../../provision/edit/set-up-connection.ts'
import { Problem } from '../../provision/problem.ts'
import { USER_ATTRIBUTE_URN } from '../../../schemas/user-attribute.ts'
import { against, type Dialogue } from './dialogue.ts'
import { faultOf } from './fault-of.ts'
import type { SetUpOptions } from './set-up-options.ts'

const attributeShape = SECTIONS['user-attributes'].schema.shape
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
  name: string,
  places: readonly Pick<SetUpEnvironment, 'connection'>[],
  options: SetUpOptions,
  document: Document,
  dialogue: Dialogue,
): Promise<Routing> {
  const nowhere: Routing = { settings: {}, attribute: undefined, valuesOf: new Map() }
  if (places.length === 0 && options.environmentAttribute === undefined) return nowhere
  const reference = await dialogue.text({
    option: '--environment-attribute',
    given: options.environmentAttribute,
    ask: `Which user attribute decides where somebody’s queries run? (empty: ${USUAL_ATTRIBUTE}; ${NONE}: none)`,
    otherwise: USUAL_ATTRIBUTE,
    check: (answer) => (answer === NONE ? undefined : against(attributeShape.reference)(answer)),
  })
  if (reference === NONE) return nowhere
  const known = entriesAt(document, ['userAttributes']).find((one) =>
    sameId('user-attributes', idOf('user-attributes', one), reference),
  )
  const from =
    known === undefined
      ? await askFrom(reference, options, document, dialogue)
      : refuseGiven(reference, options)
  const askValues = (to: string, option: string, given: string | readonly string[] | undefined) =>
    dialogue.list({
      option,
      given: given === undefined ? undefined : [given].flat(),
      ask: `Which values of ${reference} lead to ${to}? (commas between them)`,
    })
  const values = await askValues(`${name} itself, the most permissive`, '--values', options.values)
  const valuesOf = new Map<string, readonly string[]>()
  for (const { connection } of places) {
    const given = options.environmentValues[connection]
    valuesOf.set(connection, await askValues(connection, '--environment-values', given))
  }
  const fallback = known === undefined ? await askDefault(name, reference, values, options, dialogue) : ''
  const dynamically = await dialogue.confirm(
    options.assignDynamically,
    `Are environments assigned dynamically, by these values? (no: everybody runs on ${name} itself for now)`,
    true,
  )
  return {
    settings: {
      environmentAttribute: known === undefined ? reference : idOf('user-attributes', known),
      ...(values.length > 0 && { values }),
      ...(!dynamically && { assignDynamically: false }),
    },
    attribute:
      known === undefined
        ? { reference, ...(from !== '' && { from }), ...(fallback !== '' && { default: fallback }) }
        : undefined,
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
