// Three conductors, two APIs, PostgreSQL and Redis; 500 nodes are deployed, torn down and cleaned while a
// conductor is killed every few seconds, Redis restarts empty and an API is killed. At the end the database,
// the answers and the log of effects must tell the same story.
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { expect, it } from 'vitest'
import { fakeConf } from '../../scripts/peers/conf.mjs'
import { deploySteps, effectsConf, EffectsLog, type Effect } from '../_util/effects.js'
import { Cluster } from '../_util/peers/cluster.js'
import { pooled, Rest, type Answer } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'

const COUNT = Number(process.env['FERRIC_CHAOS_NODES'] ?? 500)
const KILL_EVERY_MS = 4_000
/** For everything: less than the test has, so that it ends by itself and stops what it started. */
const DEADLINE_MS = 360_000
const conf = fakeConf({
  ...effectsConf,
  DEFAULT: { ...effectsConf.DEFAULT },
  conductor: {
    heartbeat_interval: 1,
    heartbeat_timeout: 20,
    max_concurrent_deploy: 1000,
    max_concurrent_clean: 1000,
  },
})

interface Row {
  readonly uuid: string
  readonly provision_state: string
  readonly target_provision_state: string | null
  readonly reservation: string | null
  readonly last_error: string | null
}

/** Sends to whichever API answers. What was not answered is not acknowledged, and may have happened. */
class Client {
  readonly #apis: Rest[]
  readonly deadline = Date.now() + DEADLINE_MS
  unanswered = 0
  refused: Record<string, number> = {}

  constructor(urls: readonly string[]) {
    this.#apis = urls.map((url) => new Rest(url))
  }

  async send<T = Record<string, unknown>>(method: string, path: string, body?: unknown) {
    for (let n = Math.floor(Math.random() * 2); ; n++) {
      const api = this.#apis[n % this.#apis.length]!
      const answer: Answer<T> | undefined = await api
        .send<T>(method, path, body)
        .catch(() => undefined)
      if (answer !== undefined) return answer
      this.unanswered++
      this.checkTime()
      await sleep(100)
    }
  }

  checkTime(): void {
    if (Date.now() > this.deadline) throw new Error('the test ran into its deadline')
  }

  async nodes(): Promise<Row[]> {
    const fields = 'uuid,provision_state,target_provision_state,reservation,last_error'
    const { body } = await this.send<{ nodes: Row[] }>('GET', `/nodes?fields=${fields}`)
    return body.nodes
  }

  /** Asks until the verb is acknowledged, or until it turns out that it was heeded without an answer. */
  async verb(uuid: string, target: string, from: string): Promise<void> {
    for (;;) {
      const { status } = await this.send('PUT', `/nodes/${uuid}/states/provision`, { target })
      if (status === 202) return
      this.refused[status] = (this.refused[status] ?? 0) + 1
      const { body } = await this.send<Row>('GET', `/nodes/${uuid}`)
      if (body.provision_state !== from && body.provision_state !== undefined) return
      this.checkTime()
      await sleep(200)
    }
  }
}

/** Lets every node go through a phase: the verb, then the state that ends it. */
async function phase(client: Client, uuids: string[], target: string, from: string, to: string) {
  const began = performance.now()
  await pooled(uuids, 16, (uuid) => client.verb(uuid, target, from))
  const failed = `${to === 'active' ? 'deploy' : 'clean'} failed`
  await until(
    async () =>
      (await client.nodes()).every((n) => [to, failed].includes(n.provision_state))
        ? true
        : undefined,
    { what: `every node in ${to}`, timeoutMs: client.deadline - Date.now(), everyMs: 300 },
  ).catch(async (error: unknown) => {
    const stuck = (await client.nodes()).filter((n) => ![to, failed].includes(n.provision_state))
    throw new Error(`${String(error)}; ${stuck.length}: ${JSON.stringify(stuck.slice(0, 5))}`)
  })
  return Math.round(performance.now() - began)
}

/** Kills conductors in turn until stopped; in between Redis and an API, once each. */
async function havoc(cluster: Cluster, stop: AbortSignal): Promise<number> {
  const conductors = cluster.members.filter((m) => m.role === 'conductor')
  const api = cluster.members.find((m) => m.role === 'api')!
  for (let round = 0; ; round++) {
    await sleep(KILL_EVERY_MS, undefined, { signal: stop }).catch(() => undefined)
    if (stop.aborted) return round
    await cluster.killAndRestart(conductors[round % conductors.length]!)
    if (round === 1) await cluster.redis.restart()
    if (round === 2) await cluster.killAndRestart(api)
  }
}

/** Effects that came twice: only those of a process that was killed may. */
function doubles(effects: readonly Effect[], killed: ReadonlySet<number>) {
  const seen = new Map<string, number>()
  let excused = 0
  const wrong: string[] = []
  for (const { node, step, pid } of effects) {
    const key = `${node} ${step}`
    const before = seen.get(key)
    if (before !== undefined && killed.has(before)) excused++
    else if (before !== undefined) wrong.push(`${key} by ${before} and ${pid}`)
    seen.set(key, pid)
  }
  return { excused, wrong }
}

async function leftovers(url: string) {
  const sql = postgres(url, { max: 1 })
  try {
    const [counts] = await sql`select
      (select count(*)::int from ferric_tasks) as tasks,
      (select count(*)::int from ferric_reservations) as reservations,
      (select count(*)::int from nodes where reservation is not null) as locked,
      (select count(*)::int from ferric_lock_waiters where until > now()) as waiters,
      (select count(*)::int from ferric_timeline) as timeline,
      (select count(*)::int from ferric_timeline where kind = 'attempt'
        and (detail->>'attempt')::int > 1) as again`
    return counts as Record<string, number>
  } finally {
    await sql.end()
  }
}

it(`${COUNT} nodes live through the death of whatever serves them`, async () => {
  using log = new EffectsLog()
  await using cluster = await Cluster.start(conf, 3, 2)
  const client = new Client(cluster.urls)
  const create = { driver: 'fake-hardware', deploy_interface: 'effects' }
  const uuids = await pooled(Array.from({ length: COUNT }), 16, async () => {
    const { body } = await client.send<Row>('POST', '/nodes', create)
    return body.uuid
  })
  const ready = await phase(client, uuids, 'manage', 'enroll', 'manageable')
  const provided = await phase(client, uuids, 'provide', 'manageable', 'available')

  const cleaned = log.read().length
  const stop = new AbortController()
  const killing = havoc(cluster, stop.signal)
  const deployed = await phase(client, uuids, 'active', 'available', 'active')
  const after = log.read().slice(cleaned)
  const torn = await phase(client, uuids, 'deleted', 'active', 'available')
  // The killing goes on until every kind of death was died.
  if (cluster.killed.size < 6) await sleep(KILL_EVERY_MS * (6 - cluster.killed.size))
  stop.abort()
  const rounds = await killing
  await cluster.ready(3)
  const clean = await until(
    async () => {
      const left = await leftovers(cluster.database.url)
      const none = left['tasks'] === 0 && left['locked'] === 0 && left['reservations'] === 0
      return none ? left : undefined
    },
    { what: 'database without work and locks', timeoutMs: 60_000, everyMs: 500 },
  )

  const rows = await client.nodes()
  const states: Record<string, number> = {}
  for (const { provision_state: s } of rows) states[s] = (states[s] ?? 0) + 1
  const deployEffects = after.filter((e) => e.what === 'effect' && e.step.startsWith('step'))
  const later = log
    .read()
    .slice(cleaned)
    .filter((e) => e.what === 'effect' && !e.step.startsWith('step'))
  const twice = doubles(deployEffects, cluster.killed)
  const twiceLater = doubles(later, cluster.killed)
  const inOrder = (node: string) => {
    const steps = deployEffects.filter((e) => e.node === node).map((e) => e.step)
    return steps.filter((step, n) => step !== steps[n - 1])
  }
  const incomplete = uuids.filter((uuid) => inOrder(uuid).join() !== deploySteps.join())
  const erased = new Set(later.filter((e) => e.step === 'erase').map((e) => e.node))
  console.table({
    nodes: COUNT,
    'conductors killed': rounds,
    'APIs killed, Redis restarted': '1, 1',
    'enroll to manageable, ms': ready,
    'manageable to available (clean), ms': provided,
    'available to active under fire, ms': deployed,
    'active to available (tear down, clean) under fire, ms': torn,
    'requests without an answer, sent again': client.unanswered,
    'requests refused, asked again': JSON.stringify(client.refused),
    'works begun again after a kill': clean['again'],
    'effects repeated because their process was killed': twice.excused + twiceLater.excused,
    'effects repeated without a reason': twice.wrong.length + twiceLater.wrong.length,
    'deploys acknowledged but not done in order': incomplete.length,
    'nodes at the end': JSON.stringify(states),
    'tasks, reservations, locked nodes left': `${clean['tasks']}, ${clean['reservations']}, ${clean['locked']}`,
    'timeline entries': clean['timeline'],
  })
  expect(states).toEqual({ available: COUNT })
  expect(rows.filter((n) => n.target_provision_state !== null || n.last_error !== null)).toEqual([])
  expect([...twice.wrong, ...twiceLater.wrong]).toEqual([])
  expect(incomplete).toEqual([])
  expect(erased.size).toBe(COUNT)
  expect(cluster.members.every((m) => m.process.lives)).toBe(true)
}, 400_000)
