import type { AttrPath } from '../path/path.ts'

/** The operators that compare an attribute with a literal (RFC 7644 §3.4.2.2, Table 3). */
export type CompareOp = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le'

/**
 * A filter whose names are resolved and whose literals have the type of their attribute.
 *
 * What it means, in memory and in SQL alike:
 * - a multi-valued attribute matches when any of its values does;
 * - `ne` is also true where the attribute has no value;
 * - every other comparison is false there, and `not` turns exactly that around: there is no third truth value;
 * - texts compare by `prepare` of their attribute, ordered by code point; dateTimes by instant;
 * - a `compare` path always ends at a simple value: `emails eq "x"` has become `emails.value eq "x"`;
 * - `eq null` has become not present, `ne null` present.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'present'; readonly path: AttrPath }
  | {
      readonly kind: 'compare'
      readonly op: CompareOp
      readonly path: AttrPath
      readonly value: string | number | boolean
    }
  /** `path[filter]`: one element fulfils it all. The paths inside are those of the element's sub-attributes. */
  | { readonly kind: 'element'; readonly path: AttrPath; readonly filter: Filter }
