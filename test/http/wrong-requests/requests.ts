import { patchOp, user } from './stage.ts'
import type { WrongRequest } from './stage.ts'

/** A POST of a user that is refused with 400. */
export const bad = (body: unknown, scimType: string, ...says: string[]): WrongRequest => ({
  send: 'POST /Users',
  body,
  status: 400,
  scimType,
  says,
})

/** A new user with something more. */
export const named = (more: object): object => ({ schemas: [user], userName: 'new@example.com', ...more })

/** A PATCH that is refused with 400. */
export const patch = (
  line: string,
  operations: unknown,
  scimType: string,
  ...says: string[]
): WrongRequest => ({
  send: `PATCH ${line}`,
  body: { schemas: [patchOp], Operations: operations },
  status: 400,
  scimType,
  says,
})

/** A PATCH of Ada with one operation that is refused with 400. */
export const onAda = (operation: unknown, scimType: string, ...says: string[]): WrongRequest =>
  patch('/Users/{ours.ada}', [operation], scimType, ...says)
