/** Stops what {@link file://./postgres-setup.ts} started. */
export default async function teardown(): Promise<void> {
  await globalThis.signalboxTestPostgres?.stop()
}
