import type { Config } from '../../schemas/config.ts'
import { type ConfigError, placeOf } from '../../schemas/config-error.ts'
import type { ResourceType } from '../../schemas/definition.ts'
import { ScimError } from '../scim/error.ts'
import type { Filter } from '../scim/filter/filter.ts'
import { parseFilter } from '../scim/filter/parse.ts'
import { parseTarget } from '../scim/patch/target.ts'
import { type AttrPath, definitionAt, pathName } from '../scim/path/path.ts'

/**
 * Reads every SCIM path (`from`) and filter (`when`) of a configuration, which `parseConfig` cannot: what they may
 * name is decided by the extensions of the same configuration.
 *
 * @param userType the User type of the registry that was made with `userExtensions(config)`
 */
export function checkFilters(config: Config, userType: ResourceType): ConfigError[] {
  return [
    ...config.userAttributes.flatMap(({ from }, at) =>
      from === undefined ? [] : attempt(['userAttributes', at, 'from'], () => checkFrom(from, userType)),
    ),
    ...config.rules.flatMap(({ when }, at) =>
      when === undefined ? [] : attempt(['rules', at, 'when'], () => checkWhen(when, userType)),
    ),
  ]
}

function attempt(path: readonly PropertyKey[], check: () => string | undefined): ConfigError[] {
  const message = messageOf(check)
  return message === undefined ? [] : [{ path: placeOf(path), message }]
}

function messageOf(check: () => string | undefined): string | undefined {
  try {
    return check()
  } catch (error) {
    if (error instanceof ScimError) return error.message
    throw error
  }
}

function checkFrom(text: string, userType: ResourceType): string | undefined {
  const { path, filter } = parseTarget(text, userType)
  const { type, subAttributes } = definitionAt(path)
  if (type === 'complex') {
    const whole = filter === undefined ? pathName(path) : text.trim()
    const names = (subAttributes ?? []).map(({ name }) => `\`${whole}.${name}\``)
    return `should be a simple attribute, one of ${names.join(', ')}`
  }
  return notAFact(path)
}

function checkWhen(text: string, userType: ResourceType): string | undefined {
  return pathsOf(parseFilter(text, userType)).map(notAFact).find(Boolean)
}

function pathsOf(filter: Filter): AttrPath[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(pathsOf)
    case 'not':
      return pathsOf(filter.filter)
    case 'element':
    case 'present':
    case 'compare':
      return [filter.path]
  }
}

/** What the server adds to a user when it is sent is not there when rules are applied. */
function notAFact(path: AttrPath): string | undefined {
  if (path.extension || !SERVER_OWNED.has(path.attribute.name)) return undefined
  const instead = path.attribute.name === 'groups' ? ': a rule has `group` for it' : ''
  return `should not use \`${pathName(path)}\`, which is not known where users are mapped${instead}`
}

const SERVER_OWNED = new Set(['schemas', 'id', 'meta', 'groups', 'password'])
