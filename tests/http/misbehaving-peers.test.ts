// Every outgoing HTTP request against every way in which a peer can break its answer.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'vitest'
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

const done = 'done'

/** Runs the path's request and returns "done", or the name and text of its error. */
async function outcome(path: OutgoingPath, url: string, dir: string): Promise<string> {
  const timer = AbortSignal.timeout(longestMs)
  const late = new Promise<never>((_resolve, reject) => {
    timer.addEventListener('abort', () => reject(new Error('no outcome in time')))
  })
  // This signal never ends, because the limits under test are those of the path.
  const { signal } = new AbortController()
  return await Promise.race([path.call({ url, dir, signal }), late]).then(
    () => done,
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'),
  )
}

const cells = paths.flatMap((path) =>
  kinds
    .filter((kind) => kind !== 'never ends its body' || path.endless !== true)
    .map((kind) => [path.title, kind, path] as const),
)

it.concurrent.for(cells)(
  'bounds the request for %s to a peer that %s',
  async ([, kind, path], { expect }) => {
    const dir = await mkdtemp(join(tmpdir(), 'ferric-peers-'))
    const isAffected = (where: string) => path.affected?.test(where) ?? true
    await using peer = await misbehavingPeer((_method, where) =>
      isAffected(where) ? path.good : (path.others ?? path.good),
    )
    try {
      peer.use(kind, path.affected)
      const mayPass = whole.includes(kind) || path.unread?.includes(kind)
      const expected = mayPass ? new RegExp(`${path.error.source}|^${done}$`) : path.error
      expect(await outcome(path, peer.url, dir)).toMatch(expected)
      peer.use(null)
      expect(await outcome(path, peer.url, dir)).toBe(done)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  },
)
