import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { AppContext } from '../../context.js'
import type { NodeRow } from '../../db/rows.js'
import { DriverNotFound, NoValidHost, Unavailable } from '../../errors.js'
import { service } from '../../services.js'
import { rawRows } from '../../db/raw-rows.js'

/**
 * Which conductor a node belongs to (docs/reference/conductor.md 14.4; upstream `common/hash_ring.py`, tooz
 * `hashring.py`). The order of hosts on the ring is upstream's, so that a mixed view of
 * `GET /v1/nodes/X` agrees.
 */

/** `[DEFAULT] hash_partition_exponent` and `hash_ring_algorithm`. */
interface RingShape {
  readonly exponent: number
  readonly algorithm: string
}

class HashRing {
  readonly #points: readonly (readonly [bigint, string])[]
  readonly #algorithm: string

  constructor(hosts: readonly string[], { exponent, algorithm }: RingShape) {
    this.#algorithm = algorithm
    const points = hosts.flatMap((host) => pointsOf(host, 2 ** exponent, algorithm))
    this.#points = points.toSorted((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
  }

  /** The first point beyond the key's hash; past the last one it wraps. */
  owner(key: string): string {
    const at = digestToInt(createHash(this.#algorithm).update(key).digest('hex'))
    let low = 0
    let high = this.#points.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (at < this.#points[middle]![0]) high = middle
      else low = middle + 1
    }
    return this.#points[low === this.#points.length ? 0 : low]![1]
  }
}

function pointsOf(host: string, count: number, algorithm: string): [bigint, string][] {
  const running = createHash(algorithm).update(host)
  return Array.from({ length: count }, () => {
    running.update(host)
    return [digestToInt(running.copy().digest('hex')), host]
  })
}

const digestToInt = (hex: string): bigint => BigInt(`0x${hex}`)

export interface RingView {
  /** The one conductor there is, when there is one. */
  readonly onlyHost: string | null
  readonly size: number
  /** @returns null when no conductor of the group serves the driver */
  owner(driver: string, group: string, uuid: string): string | null
  /** The conductor groups that serve a driver. */
  groupsOf(driver: string): readonly string[]
}

interface Registered {
  readonly host: string
  readonly group: string
  readonly driver: string
}

function viewOf(registered: readonly Registered[], shape: RingShape): RingView {
  const hosts = [...new Set(registered.map((r) => r.host))]
  const members = new Map<string, string[]>()
  for (const { group, driver, host } of registered) {
    const key = `${group}:${driver}`
    members.set(key, [...(members.get(key) ?? []), host])
  }
  const rings = new Map([...members].map(([key, m]) => [key, new HashRing(m, shape)] as const))
  return {
    onlyHost: hosts.length === 1 ? hosts[0]! : null,
    size: hosts.length,
    owner: (driver, group, uuid) => rings.get(`${group}:${driver}`)?.owner(uuid) ?? null,
    groupsOf: (driver) => [
      ...new Set(registered.filter((r) => r.driver === driver).map((r) => r.group)),
    ],
  }
}

/** Online conductors by driver, read again every `[DEFAULT] hash_ring_reset_interval`. */
export class RingCache {
  readonly #ctx: AppContext
  #view: Promise<RingView> | null = null
  #readAt = 0

  constructor(ctx: AppContext) {
    this.#ctx = ctx
  }

  async current(): Promise<RingView> {
    const now = this.#ctx.clock.now().getTime()
    const age = now - this.#readAt
    if (this.#view === null || age > this.#ctx.config.DEFAULT.hash_ring_reset_interval * 1000) {
      this.#readAt = now
      this.#view = this.#read()
      this.#view.catch(() => this.reset())
    }
    return await this.#view
  }

  /** Forgets what it knows: a conductor came or went. */
  reset(): void {
    this.#view = null
  }

  /**
   * The host a node belongs to.
   * @throws Unavailable when there is no conductor at all, NoValidHost when none serves the node
   */
  async hostFor(node: Pick<NodeRow, 'driver' | 'conductorGroup' | 'uuid'>): Promise<string> {
    const driver = node.driver ?? ''
    const host = await this.#find((view) => view.owner(driver, node.conductorGroup, node.uuid))
    if (host === null) throw new NoValidHost(driver, node.conductorGroup)
    return host
  }

  /**
   * A conductor group some live conductor of which serves a driver.
   * @throws Unavailable when there is no conductor at all, DriverNotFound when none has the driver
   */
  async groupFor(driver: string): Promise<string> {
    const group = await this.#find((view) => view.groupsOf(driver)[0] ?? null)
    if (group === null) throw new DriverNotFound(driver)
    return group
  }

  /** Looks again when what is known says no. @throws Unavailable */
  async #find(look: (view: RingView) => string | null): Promise<string | null> {
    const known = look(await this.current())
    if (known !== null) return known
    this.reset()
    const fresh = await this.current()
    if (fresh.size === 0) throw new Unavailable()
    return look(fresh)
  }

  /** @throws Unavailable when there is no conductor at all */
  async requireAny(): Promise<void> {
    if ((await this.current()).size > 0) return
    this.reset()
    if ((await this.current()).size === 0) throw new Unavailable()
  }

  async #read(): Promise<RingView> {
    const { config, clock, db } = this.#ctx
    const timeout = config.conductor.heartbeat_timeout
    const oldest = new Date(timeout === 0 ? 0 : clock.now().getTime() - timeout * 1000)
    const found = await rawRows(
      db.orm,
      sql`select distinct c.hostname as host, c.conductor_group as "group", i.hardware_type as driver
        from conductors c join conductor_hardware_interfaces i on i.conductor_id = c.id
        where c.online and c.updated_at >= ${oldest.toISOString()}::timestamptz
        order by c.hostname`,
    )
    const { hash_partition_exponent: exponent, hash_ring_algorithm: algorithm } = config.DEFAULT
    return viewOf(found as unknown as Registered[], { exponent, algorithm })
  }
}

/** The ring as this process read it last. */
export const ringOf = service({
  name: 'ring of conductors',
  create: (ctx: AppContext) => new RingCache(ctx),
})

/**
 * The conductor that serves a node, as `GET /v1/nodes/X` shows it.
 * @throws Unavailable, NoValidHost
 */
export async function routeNode(
  ctx: AppContext,
  node: Pick<NodeRow, 'driver' | 'conductorGroup' | 'uuid'>,
): Promise<string> {
  return await ringOf(ctx).hostFor(node)
}
