// Every outgoing HTTP request against every way in which a peer can break its answer.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { misbehaviours, misbehavingPeer, type Misbehaviour } from '../_util/peers/misbehaving.js'
import { paths, type OutgoingPath } from './_paths.js'

/** The time limits of the paths are between 0.5 and 2 seconds. */
const longestMs = 8_000
/** These answers are whole, so a client may take them. */
const whole: readonly Misbehaviour[] = [
  'closes while the reader is paused',
  'sends more than its length',
]
const kinds = Object.keys(misbehaviours) as Misbehaviour[]

async function outcome(path: OutgoingPath, url: string, dir: string): Promise<unknown> {
  const timer = AbortSignal.timeout(longestMs)
  const late = new Promise<never>((_resolve, reject) => {
    timer.addEventListener('abort', () => reject(new Error('no outcome in time')))
  })
  // The call gets a signal of its own that never ends: its limits must be those of the path.
  const { signal } = new AbortController()
  return await Promise.race([path.call({ url, dir, signal }), late]).then(
    () => null,
    (error: unknown) => error,
  )
}

const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)

describe.concurrent.each(paths)('$title', (path) => {
  const passes = [...whole, ...(path.unread ?? [])]
  const mayEnd =
    path.unread?.includes('never ends its body') && !path.unread.includes('closes in its body')

  it.concurrent.each(kinds.filter((kind) => !mayEnd || kind !== 'never ends its body'))(
    'a peer that %s gives the error of this path in time',
    async (kind) => {
      const dir = await mkdtemp(join(tmpdir(), 'ferric-peers-'))
      await using peer = await misbehavingPeer((_method, where) =>
        path.affected === undefined || path.affected.test(where)
          ? path.good
          : (path.others ?? path.good),
      )
      try {
        peer.use(kind, path.affected)
        const error = await outcome(path, peer.url, dir)
        if (error === null && !passes.includes(kind)) throw new Error('it took a broken answer')
        if (error !== null && !path.error.test(textOf(error)))
          throw new Error(`another error: ${textOf(error)}`, { cause: error })
        peer.use(null)
        const after = await outcome(path, peer.url, dir)
        if (after !== null) throw new Error('a good answer fails afterwards', { cause: after })
      } finally {
        await rm(dir, { recursive: true, force: true })
      }
    },
  )
})
