import type { Entry } from '../../provision/edit/document.ts'

/** What of a set-up is said by options. */
export interface SetUpOptions {
  readonly dialect?: string
  readonly url?: string
  readonly baseRole?: string
  readonly environmentAttribute?: string
  readonly values?: readonly string[]
  readonly assignDynamically?: boolean
  readonly environments?: readonly string[]
  /** By environment. */
  readonly environmentUrls: Texts
  readonly environmentValues: Texts
  readonly environmentGroups: Texts
  readonly environmentUsers: Texts
  readonly environmentDirectories: Texts
  readonly attributeFrom?: string
  readonly attributeDefault?: string
  readonly models?: readonly string[]
  readonly removeExtraModels?: boolean
  /** Further settings of the connection. */
  readonly further: Entry
}

type Texts = Readonly<Record<string, string | readonly string[]>>
