import { playBulk } from './bulk.ts'
import { requestLine, same } from './compare.ts'
import { compareEverything } from './everything.ts'
import { createWorld } from './model/world.ts'
import type { AgainStep, EchoStep, Step, WriteStep } from './plays/steps.ts'
import { playList, playRead } from './reads.ts'
import type { Counts, Directory, Scene } from './scene.ts'
import { echoOf, playWrite } from './writes.ts'

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
    let last: WriteStep | undefined
    for (const step of steps) {
      const next = step.kind === 'again' ? last : step.kind === 'echo' ? echoOf(scene, step) : step
      if (next === undefined) continue
      await playStep(scene, next)
      if (isWrite(next)) last = next
    }
    await comparePending(scene)
    counts.plays += 1
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new Error(`${requests.slice(-20).join('\n')}\n${message}`, { cause: error })
  }
}

const isWrite = (step: PlayedStep): step is WriteStep =>
  step.kind !== 'list' && step.kind !== 'read' && step.kind !== 'bulk'

type PlayedStep = Exclude<Step, EchoStep | AgainStep>

async function playStep(scene: Scene, step: PlayedStep): Promise<void> {
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
