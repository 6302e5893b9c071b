/** What every use case throws when the database lets nobody in at the moment. */
export { Unavailable } from '../store/db.ts'
