/** Works through a list with so many hands; the results keep the list's order. */
export async function inParallel<T, R>(
  items: readonly T[],
  hands: number,
  work: (item: T, position: number) => Promise<R>,
  report: (done: number) => void = () => {},
): Promise<R[]> {
  const results: R[] = []
  const queue = items.entries()
  let done = 0
  const hand = async (): Promise<void> => {
    for (const [position, item] of queue) {
      results[position] = await work(item, position)
      done += 1
      report(done)
    }
  }
  await Promise.all(Array.from({ length: hands }, hand))
  return results
}
