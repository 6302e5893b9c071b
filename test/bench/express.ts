/**
 * The yardstick E: Express 5, a bearer check with the keyed hash of the token, and a constant answer.
 *
 * `POST /` is the second yardstick: the same with one durable insert into SQLite.
 */
import Database from 'better-sqlite3'
import express from 'express'
import type { NextFunction, Request, Response } from 'express'
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import passport from 'passport'
import { Strategy } from 'passport-http-bearer'
import { userBody } from './population.ts'

const [file = ':memory:', token = ''] = process.argv.slice(2)
const key = 'bench'
const stored = hash(token)

const user = {
  ...userBody(0),
  id: '2819c223-7f76-453a-919d-413861904646',
  meta: {
    resourceType: 'User',
    created: '2026-01-23T04:56:22.000Z',
    lastModified: '2026-05-13T04:42:34.000Z',
    version: 'W/"3694e05e9dff590"',
    location: 'https://signalbox.example.com/scim/v2/Users/2819c223-7f76-453a-919d-413861904646',
  },
  groups: [1, 2, 3].map((n) => ({ value: `e9e30dba-f08f-4109-8486-d5c6a331660${n}`, display: `Group ${n}` })),
}

const db = new Database(file)
db.pragma('journal_mode = WAL')
db.pragma('synchronous = FULL')
db.exec('CREATE TABLE IF NOT EXISTS documents (id INTEGER PRIMARY KEY, document TEXT NOT NULL)')
const insert = db.prepare<[string]>('INSERT INTO documents (document) VALUES (?)')

passport.use(
  new Strategy((sent, done) => done(null, timingSafeEqual(hash(sent), stored) ? { id: 'bench' } : false)),
)

const app = express()
app.use(authenticate)
app.get('/', (_request, response) => {
  response.json(user)
})
app.post('/', express.json({ type: '*/*' }), (request: Request<object, unknown, object>, response) => {
  insert.run(JSON.stringify(request.body))
  response.status(201).json(user)
})

const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})

function authenticate(request: Request, response: Response, next: NextFunction): void {
  const check = passport.authenticate('bearer', { session: false }, (error: unknown, found: unknown) => {
    if (error !== null || found === false) response.status(401).json({ status: '401' })
    else next()
  }) as (request: Request, response: Response, next: NextFunction) => void
  check(request, response, next)
}

function hash(text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
