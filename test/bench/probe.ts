/**
 * Preloaded into a measured server: tells its parent how much memory and time it uses.
 *
 * Memory is told after a collection, so that a rise is a rise of what is held and not of what is yet to be freed.
 */
export interface Usage {
  /** Bytes of live objects and buffers. */
  readonly heap: number
  readonly rss: number
  /** Milliseconds of CPU since the start. */
  readonly cpu: number
}

process.on('message', (question) => {
  if (question !== 'usage' && question !== 'usage after gc') return
  if (question === 'usage after gc') globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const usage: Usage = { heap: heapUsed + external, rss, cpu: (user + system) / 1000 }
  process.send?.({ usage })
})
// A benchmark that was interrupted leaves no server behind.
process.on('disconnect', () => process.exit())
process.channel?.unref()
