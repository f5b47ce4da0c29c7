// Heartbeats from a thread of their own, so that sending them does not slow down who measures.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'

/** Whom to send to: nodes with their agents' tokens. */
export type Agent = { uuid: string; token: string }
export type BeatOptions = {
  url: string
  agents: Agent[]
  /** Infinity: as many as are answered. */
  perSecond: number
  /** How many are under way at a time at most. */
  width: number
}
/** What became of them. */
export type Beats = { perSecond: number; count: Record<string, number>; p50: number; p99: number }

const headers = {
  'content-type': 'application/json',
  accept: 'application/json',
  'x-openstack-ironic-api-version': '1.82',
}

/** A thread that sends heartbeats until `stop`; its script is the bundle that runs now. */
export function startBeats(options: BeatOptions): { stop(): Promise<Beats> } {
  const worker = new Worker(process.argv[1] ?? '', { workerData: options })
  const result = new Promise<Beats>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return {
    async stop() {
      worker.postMessage('stop')
      return await result
    },
  }
}

const percentile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN

/** The thread's side; every script that starts one calls this first and does nothing else where it is true. */
export async function isBeatsThread(): Promise<boolean> {
  if (isMainThread) return false
  const stop = new AbortController()
  parentPort?.once('message', () => stop.abort())
  parentPort?.postMessage(await send(workerData as BeatOptions, stop.signal))
  parentPort?.close()
  return true
}

async function send(
  { url, agents, perSecond, width }: BeatOptions,
  stop: AbortSignal,
): Promise<Beats> {
  const pool = new Pool(url, { connections: Math.ceil(width / 4), pipelining: 4 })
  const count: Record<string, number> = {}
  const times: number[] = []
  const began = performance.now()
  let sent = 0
  const one = async (): Promise<void> => {
    while (!stop.aborted) {
      const wait = began + (1000 * sent) / perSecond - performance.now()
      const agent = agents[sent++ % agents.length]
      if (wait > 1) await sleep(wait)
      const at = performance.now()
      const status = await post(pool, agent ?? { uuid: '', token: '' })
      times.push(performance.now() - at)
      count[status] = (count[status] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: width }, one))
  const seconds = (performance.now() - began) / 1000
  await pool.close()
  times.sort((a, b) => a - b)
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
  return { perSecond: times.length / seconds, count, p50, p99 }
}

async function post(pool: Pool, { uuid, token }: Agent): Promise<number> {
  const answer = await pool.request({
    method: 'POST',
    path: `/v1/heartbeat/${uuid}`,
    headers,
    // Not so by the letter; it lets several share a connection.
    idempotent: true,
    body: JSON.stringify({
      callback_url: 'http://127.0.0.1:9999',
      agent_version: '9.0.0',
      agent_token: token,
    }),
  })
  await answer.body.dump()
  return answer.statusCode
}
