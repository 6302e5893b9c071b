import { playBulk } from './bulk.ts'
import { requestLine, same } from './compare.ts'
import { compareEverything } from './everything.ts'
import { createWorld } from './model/world.ts'
import type { Step } from './plays/steps.ts'
import { playList, playRead } from './reads.ts'
import type { Counts, Directory, Scene } from './scene.ts'
import { playWrite } from './writes.ts'

/**
 * Plays steps before a server and before the model.
 *
 * @throws Error at the first difference, with the last requests
 */
export async function play(steps: readonly Step[], directory: Directory, counts: Counts): Promise<void> {
  const requests: string[] = []
  const call: Directory['call'] = async (method, path, body, headers) => {
    const answer = await directory.call(method, path, body, headers)
    requests.push(`${answer.status} ${requestLine(method, path, body)}`)
    return answer
  }
  const world = createWorld(directory.strict)
  const scene: Scene = { directory: { ...directory, call }, world, counts, gone: [], tags: new Map() }
  try {
    for (const step of steps) await playStep(scene, step)
    await comparePending(scene)
    counts.plays += 1
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${requests.slice(-20).join('\n')}\n${message}`, { cause: error })
  }
}

async function playStep(scene: Scene, step: Step): Promise<void> {
  switch (step.kind) {
    case 'list':
      return playList(scene, step)
    case 'read':
      return playRead(scene, step)
    case 'bulk':
      await playBulk(scene, step)
      return compareEverything(scene)
    case 'create':
    case 'replace':
    case 'patch':
    case 'delete':
      await playWrite(scene, step)
      return compareEverything(scene)
  }
}

/** Compares who is waited for. */
async function comparePending({ directory, world }: Scene): Promise<void> {
  const awaited = world.resources.flatMap((group) => group.awaited.map((name) => [group.id, name] as const))
  const inOrder = (pairs: readonly (readonly [string, string])[]): string[] => pairs.map(String).toSorted()
  same(inOrder(await directory.pending()), inOrder(awaited), 'who is waited for')
}
