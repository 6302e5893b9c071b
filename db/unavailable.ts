/** The database lets nobody in at the moment. Nothing was done, and it can be tried again. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}
