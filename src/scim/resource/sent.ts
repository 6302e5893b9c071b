import type { ResourceType } from '../../../schemas/definition.ts'
import type { Patch } from '../patch/patch.ts'
import { isComplex, type Resource } from './resource.ts'

/** The attributes that a body names, each as its URN and name. */
export function sentAttributes(resource: Resource, type: ResourceType): readonly string[] {
  return Object.entries(resource).flatMap(([name, value]) =>
    name.includes(':') && isComplex(value)
      ? Object.keys(value).map((inner) => `${name}:${inner}`)
      : [`${type.schema.id}:${name}`],
  )
}

/** The attributes that a PATCH names, each as its URN and name. */
export function patchedAttributes({ operations }: Patch): readonly string[] {
  return operations.flatMap((operation) => {
    if (operation.op === 'members') return []
    const { schema, attribute } = operation.target.path
    return [`${schema}:${attribute.name}`]
  })
}
