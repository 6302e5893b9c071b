import { hash } from 'node:crypto'
import type { ResourceType } from '../../schemas/definition.ts'
import { conceal } from '../scim/resource/conceal.ts'
import type { Resource } from '../scim/resource/resource.ts'

/**
 * What the audit keeps of a user: private values as hashes, salted with what stands in the row of the user alone. Once
 * the user is deleted the salt is gone, and nobody can find out by guessing what was hashed.
 */
export const withoutPrivateValues = (resource: Resource, type: ResourceType, salt: string): Resource =>
  conceal(resource, type, (value) => `sha256:${hash('sha256', salt + value, 'base64url').slice(0, SHOWN)}`)

/** Letters of a hash that are kept: 132 bits. */
const SHOWN = 22
