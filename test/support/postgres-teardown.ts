import { rmSync } from 'node:fs'

/** Stops what {@link file://./postgres-setup.ts} started. */
export default async function teardown(): Promise<void> {
  const running = globalThis.signalboxTestPostgres
  if (running === undefined) return
  await running.server.stop()
  rmSync(running.folder, { recursive: true, force: true })
}
