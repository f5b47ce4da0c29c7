// What is measured: a real Ironic, or Ferric in one of its homes, started afresh.
import { fakeConf, type ConfChanges } from '../../scripts/peers/conf.mjs'
import { Ferric } from '../_util/peers/ferric.js'
import { servePeers } from '../_util/peers/serve.js'
import { median } from './figures.js'

/** A running server under measurement. */
export type Running = AsyncDisposable & { url: string; pids: number[]; startMs: number }

/** A server that can be measured; the first of a run is what the others are compared with. */
export type Subject = { name: string; start(): Promise<Running> }

/** The same for all: whoever may look up, plain heartbeats, cleaning as in the defaults. */
const CONF: ConfChanges = { api: { restrict_lookup: 'false' }, agent: { require_tls: 'false' } }
const STARTS = 3

/** What a bench wants otherwise: options over the usual ones, and how often a start is timed. */
export type Wishes = { conf?: ConfChanges; starts?: number }

function confOf({ conf = {} }: Wishes): ConfChanges {
  const groups = new Set([...Object.keys(CONF), ...Object.keys(conf)])
  return Object.fromEntries([...groups].map((name) => [name, { ...CONF[name], ...conf[name] }]))
}

async function ironicOnce(peer: 'ironic-debian' | 'ironic-newest', wishes: Wishes) {
  const served = await servePeers([peer], confOf(wishes))
  const [one] = served.peers
  if (!one) throw new Error(`${peer} did not start`)
  return { served, one }
}

/** A real Ironic on SQLite, all in one process, as its own `ironic` command runs it. */
export function realIronic(peer: 'ironic-debian' | 'ironic-newest', wishes: Wishes = {}): Subject {
  const start = async (): Promise<Running> => {
    const times: number[] = []
    for (let n = 1; n < (wishes.starts ?? STARTS); n += 1) {
      const { served, one } = await ironicOnce(peer, wishes)
      times.push(one.startMs ?? NaN)
      await served[Symbol.asyncDispose]()
    }
    const { served, one } = await ironicOnce(peer, wishes)
    const startMs = median([...times, one.startMs ?? NaN])
    const end = () => served[Symbol.asyncDispose]()
    return { url: one.url, pids: [one.pid], startMs, [Symbol.asyncDispose]: end }
  }
  return { name: peer, start }
}

/** Ferric; as with Ironic, whose schema is made before, the start that makes the database is not counted. */
export function ferric(home: 'embedded' | 'postgres', wishes: Wishes = {}): Subject {
  const start = async (): Promise<Running> => {
    const server = await Ferric.prepare(home, fakeConf(confOf(wishes)))
    await server.start()
    const times: number[] = []
    for (let n = 0; n < (wishes.starts ?? STARTS); n += 1) {
      await server.end('SIGTERM')
      times.push(await server.start())
    }
    const end = () => server[Symbol.asyncDispose]()
    const { url, pids } = server
    return { url, pids, startMs: median(times), [Symbol.asyncDispose]: end }
  }
  return { name: `ferric ${home}`, start }
}

/**
 * Whom a run measures, the real Ironic first.
 * @param peer `debian` or `newest`; `none` for Ferric alone
 * @param homes of Ferric, between commas
 */
export function subjects(peer: string, homes: string, wishes: Wishes = {}): Subject[] {
  const real = realIronic(peer === 'newest' ? 'ironic-newest' : 'ironic-debian', wishes)
  const wanted = homes.split(',')
  const mine = (['embedded', 'postgres'] as const).filter((home) => wanted.includes(home))
  return [...(peer === 'none' ? [] : [real]), ...mine.map((home) => ferric(home, wishes))]
}
