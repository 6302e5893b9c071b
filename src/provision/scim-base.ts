import type { ResourceType } from '../../schemas/definition.ts'
import type { Context } from '../context.ts'

/** The SCIM base URI of this server: what an administrator enters in the identity provider. */
export const scimBase = ({ publicUrl }: Pick<Context, 'publicUrl'>): string => `${publicUrl}/scim/v2`

/** Where a resource stands. */
export const locationOf = (base: string, name: ResourceType['name'], id: string): string =>
  `${base}/${name}s/${id}`
