import { valueAt } from './differences.ts'

/**
 * The attributes that an answer to `/Schemas` describes, flattened as Entra's discovery does it, in lower case:
 * `title`, `name.givenname`, `emails[type eq "work"].value`, `urn:…:user:department`; those of groups as
 * `group.displayname`.
 */
export function describedIn(json: unknown): ReadonlySet<string> {
  const schemas = listAt(json, 'Resources')
  return new Set(
    schemas.flatMap((schema) => {
      const prefix = prefixOf(textAt(schema, 'id'))
      return listAt(schema, 'attributes').flatMap((attribute) =>
        flattened(attribute).map((path) => (prefix + path).toLowerCase()),
      )
    }),
  )
}

function prefixOf(id: string): string {
  if (/:core:2\.0:user$/i.test(id)) return ''
  if (/:core:2\.0:group$/i.test(id)) return 'group.'
  return `${id}:`
}

function flattened(attribute: unknown): string[] {
  const name = textAt(attribute, 'name')
  const subs = listAt(attribute, 'subAttributes')
  if (subs.length === 0) return [name]
  const types = subs
    .filter((sub) => textAt(sub, 'name') === 'type')
    .flatMap((sub) => listAt(sub, 'canonicalValues').map(String))
  const places = types.map((type) => `${name}[type eq "${type}"]`)
  return [name, ...[name, ...places].flatMap((place) => subs.map((sub) => `${place}.${textAt(sub, 'name')}`))]
}

const textAt = (value: unknown, name: string): string => {
  const found = valueAt(value, name)
  return typeof found === 'string' ? found : ''
}

const listAt = (value: unknown, name: string): unknown[] => {
  const found = valueAt(value, name)
  return Array.isArray(found) ? found : []
}
