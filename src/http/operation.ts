import { Router } from 'express'
import type { Context } from '../context.ts'
import { isReady } from '../provision/status.ts'
import { json, send } from './reply.ts'

/** What a supervisor asks: does the process live, and can it serve? */
export function operationRouter(ctx: Context): Router {
  const router = Router()
  router.get('/healthz', (_request, response) => send(response, json(200, { status: 'ok' })))
  router.get('/readyz', async (_request, response) => {
    const ready = await isReady(ctx)
    send(response, json(ready ? 200 : 503, { status: ready ? 'ok' : 'the database does not answer' }))
  })
  return router
}
