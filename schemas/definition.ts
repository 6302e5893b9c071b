/** The data types an attribute may have (RFC 7643 §2.3). */
export type AttributeType =
  'string' | 'boolean' | 'decimal' | 'integer' | 'dateTime' | 'binary' | 'reference' | 'complex'

/**
 * One attribute of a schema with all its characteristics (RFC 7643 §2.2 and §7).
 *
 * Every characteristic is present: the registry fills in the defaults of RFC 7643 §2.2, so no caller guesses.
 */
export interface AttributeDefinition {
  readonly name: string
  /** Further names by which clients may call it. Not sent in `/Schemas`. */
  readonly alsoKnownAs?: readonly string[]
  readonly type: AttributeType
  readonly multiValued: boolean
  readonly description: string
  readonly required: boolean
  readonly caseExact: boolean
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly'
  readonly returned: 'always' | 'never' | 'default' | 'request'
  readonly uniqueness: 'none' | 'server' | 'global'
  readonly canonicalValues?: readonly string[]
  readonly referenceTypes?: readonly string[]
  readonly subAttributes?: readonly AttributeDefinition[]
  /**
   * Whether the store keeps an index over the values, so that `eq` costs a look-up. Not sent in `/Schemas`.
   */
  readonly indexed: boolean
  /**
   * Whether the audit keeps its values as salted hashes alone. What a sub-attribute does not say, its attribute says for
   * it. Not sent in `/Schemas`.
   */
  readonly private: boolean
  /**
   * The value of a new resource whose client sends none. From then on a request that leaves the attribute out, or clears
   * it, keeps the value it has. Not sent in `/Schemas`.
   */
  readonly default?: string | number | boolean
}

/** A schema: the attributes that live under one URN (RFC 7643 §7). */
export interface SchemaDefinition {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly attributes: readonly AttributeDefinition[]
}

/** The types whose resources a directory writes and the store keeps. */
export type StoredType = 'User' | 'Group'

/** A kind of resource with its endpoint and the schemas that describe it (RFC 7643 §6). */
export interface ResourceType {
  /** Roles are read from the configuration, and written nowhere else. */
  readonly name: StoredType | 'Role'
  /** Relative to the base URI, with its slash: `/Users`. */
  readonly endpoint: string
  readonly description: string
  readonly schema: SchemaDefinition
  readonly extensions: readonly SchemaDefinition[]
}
