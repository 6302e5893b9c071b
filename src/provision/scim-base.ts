import type { Context } from '../context.ts'

/** The SCIM base URI of this server: what an administrator enters in the identity provider. */
export const scimBase = ({ publicUrl }: Pick<Context, 'publicUrl'>): string => `${publicUrl}/scim/v2`
