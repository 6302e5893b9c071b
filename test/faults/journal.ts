/** What a client knows of one person: gone, or there in this state. */
export type State =
  | { readonly there: false }
  | { readonly there: true; readonly active: boolean; readonly title: string; readonly member: boolean }

/** One person as the client's journal has them. */
export interface Entry {
  readonly userName: string
  /** Known once the creation was acknowledged. */
  id: string | undefined
  /** The state that was acknowledged last. */
  state: State
  /** The state that a request under way would bring. */
  underway: State | undefined
}

/** A write as a client sends it, with the state it brings. */
export interface Write {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly brings: State
}

export const newEntry = (userName: string): Entry => ({
  userName,
  id: undefined,
  state: { there: false },
  underway: undefined,
})

/** The states that a person may be found in after a kill: what was under way happened, or it did not. */
export const possible = ({ state, underway }: Entry): State[] => (underway ? [state, underway] : [state])

const patchOp = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'
const user = 'urn:ietf:params:scim:schemas:core:2.0:User'

/** The life of a person as a sequence of writes; the plan decides how far it goes. */
export function nextWrite(entry: Entry, plan: number, groupId: string): Write | undefined {
  const { id, state, userName } = entry
  if (!state.there) {
    if (id !== undefined) return undefined
    const body = { schemas: [user], userName, title: 'new' }
    return {
      method: 'POST',
      path: '/Users',
      body,
      brings: { there: true, active: true, title: 'new', member: false },
    }
  }
  const change = (path: string, brings: Partial<State>, operation: object): Write => ({
    method: 'PATCH',
    path,
    body: { schemas: [patchOp], Operations: [operation] },
    brings: { ...state, ...brings },
  })
  const ourselves = `/Users/${id}`
  const group = `/Groups/${groupId}`
  if (state.title === 'new') {
    const brings = { title: 'joining' }
    return change(ourselves, brings, { op: 'replace', path: 'title', value: brings.title })
  }
  if (state.title === 'joining' && !state.member)
    return change(group, { member: true }, { op: 'add', path: 'members', value: [{ value: id }] })
  if (plan % 4 === 0) return { method: 'DELETE', path: ourselves, brings: { there: false } }
  if (plan % 4 === 1 && state.active)
    return change(ourselves, { active: false }, { op: 'Replace', path: 'active', value: 'False' })
  if (plan % 4 === 2 && state.title === 'joining') {
    const value = { title: 'leaving', active: true }
    return change(ourselves, { title: 'leaving' }, { op: 'replace', value })
  }
  if (plan % 4 === 2 && state.member)
    return change(group, { member: false }, { op: 'Remove', path: 'members', value: [{ value: id }] })
  return undefined
}
