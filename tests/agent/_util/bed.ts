import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { recover } from '../../../src/conductor/cluster/recovery.js'
import { defaultConfig, type ConfigOverrides } from '../../../src/config/index.js'
import type { NodeInsert, NodeRow } from '../../../src/db/rows.js'
import { conductorHardwareInterfaces, processes, tasks } from '../../../src/db/schema/index.js'
import type { Database } from '../../../src/db/types.js'
import { createDriverRegistry } from '../../../src/drivers/registry.js'
import { apiClient, type Reply } from '../../_util/api.js'
import { testDatabase } from '../../_util/database.js'
import { JumpingClock } from '../../conductor/_clock.js'
import {
  addNode,
  allFake,
  drain,
  likeBed,
  nodeOf,
  noSignal,
  registerHost,
  testBed,
  type Bed,
} from '../../conductor/_harness.js'
import { log } from '../../drivers/_util/task.js'
import { Machines, type Machine } from './machines.js'

const enabled = {
  enabled_hardware_types: ['fake-hardware'],
  enabled_boot_interfaces: ['fake', 'sim', 'media', 'ipxe', 'pxe'],
  enabled_deploy_interfaces: ['direct', 'custom-agent', 'ramdisk', 'anaconda', 'fake'],
  enabled_inspect_interfaces: ['agent', 'no-inspect', 'fake'],
  enabled_management_interfaces: ['noop', 'fake', 'sim'],
  enabled_power_interfaces: ['sim', 'fake', 'agent'],
  enabled_vendor_interfaces: ['no-vendor', 'fake'],
  enabled_raid_interfaces: ['agent', 'no-raid', 'fake'],
  enabled_rescue_interfaces: ['agent', 'no-rescue', 'fake'],
}

export const onAgents = {
  ...allFake,
  bootInterface: 'sim',
  deployInterface: 'direct',
  inspectInterface: 'agent',
  managementInterface: 'noop',
  powerInterface: 'sim',
  raidInterface: 'agent',
  rescueInterface: 'agent',
}

/** An image without anything in it. */
const imageBytes = Buffer.alloc(64 * 1024)
const digest = createHash('sha256').update(imageBytes).digest('hex')

/** A process with the API, a conductor and machines, shared by the tests of a file. */
export class AgentBed {
  ctx!: Bed
  db!: Database
  send!: ReturnType<typeof apiClient>
  readonly machines: Machines
  readonly #images = createServer((request, response) => {
    const found = request.url === '/disk.raw'
    response.writeHead(found ? 200 : 404, found ? { 'content-length': imageBytes.length } : {})
    response.end(found && request.method === 'GET' ? imageBytes : undefined)
  })

  constructor(machines = new Machines()) {
    this.machines = machines
  }

  /** `instance_info` of an image that is there. */
  get image() {
    const { port } = this.#images.address() as AddressInfo
    return {
      image_source: `http://127.0.0.1:${port}/disk.raw`,
      image_checksum: digest,
      image_disk_format: 'raw',
    }
  }

  async open(config: ConfigOverrides, clock = new JumpingClock()): Promise<void> {
    const overrides: ConfigOverrides = {
      ...config,
      DEFAULT: { ...enabled, ...config.DEFAULT },
      // Clocks jump in these tests, and the conductor is alive for all that.
      conductor: { heartbeat_timeout: 0, ...config.conductor },
      agent: { require_tls: false, deploy_logs_collect: 'never', ...config.agent },
    }
    const drivers = await createDriverRegistry(defaultConfig(overrides), log.drivers, {
      packages: [this.machines.package()],
    })
    this.db = await testDatabase()
    await new Promise<void>((resolve) => this.#images.listen(0, '127.0.0.1', resolve))
    this.ctx = await testBed(this.db, { drivers, config: overrides, clock })
    const conductorId = await registerHost(this.ctx)
    const others = [...drivers.hardwareTypes.keys()].filter((name) => name !== 'fake-hardware')
    for (const hardwareType of others) {
      const serves = { conductorId, hardwareType, interfaceType: 'power', interfaceName: 'fake' }
      await this.db.orm.insert(conductorHardwareInterfaces).values(serves)
    }
    this.send = apiClient(this.ctx)
    this.machines.api = (...args) => this.send(...args)
  }

  async close(): Promise<void> {
    this.#images.closeAllConnections()
    this.#images.close()
    await this.db.close()
  }

  async node(values: Partial<NodeInsert> = {}): Promise<NodeRow> {
    return await addNode(this.ctx, { ...onAgents, provisionState: 'available', ...values })
  }

  machine(node: NodeRow): Machine {
    return this.machines.of(node.uuid)
  }

  async state(node: NodeRow): Promise<NodeRow> {
    return await nodeOf(this.ctx, node.id)
  }

  async verb(node: NodeRow, target: string, more: Record<string, unknown> = {}): Promise<Reply> {
    return await this.send('PUT', `/v1/nodes/${node.uuid}/states/provision`, {
      version: '1.87',
      body: { target, ...more },
    })
  }

  /** The process is gone; another takes its work over. */
  async takenOver(): Promise<void> {
    const reborn = likeBed(this.ctx, { processId: randomUUID() })
    const now = this.ctx.clock.now()
    const about = { id: reborn.processId, host: reborn.host, roles: 'conductor' }
    await this.db.orm.insert(processes).values({ ...about, startedAt: now, heartbeatAt: now })
    await this.db.orm.delete(processes).where(eq(processes.id, this.ctx.processId))
    this.ctx = reborn
    await recover(reborn, noSignal, { atStart: true })
    await drain(reborn)
  }

  async drain(): Promise<void> {
    await drain(this.ctx)
  }

  /** Work that was put off is spoken of again, as the queue does when its time has come. */
  async again(): Promise<void> {
    for (const task of await this.db.orm.select().from(tasks)) {
      this.ctx.queue.messages.push({ queue: task.queue, taskId: task.id })
    }
    await this.drain()
  }

  /** One turn: queued work is done, a ramdisk that was booted comes up, what runs there ends, it calls. */
  async turn(node: NodeRow): Promise<void> {
    await this.drain()
    // A machine that was switched takes its time.
    this.ctx.clock.advance(1000)
    const { agent } = this.machine(node)
    if (agent === null || agent.locked) return
    if (!agent.running) await agent.start()
    agent.finish()
    if (!agent.locked) await agent.heartbeat()
    await this.drain()
  }

  /** Turns until the node is in a state; at most so many. @returns the node then */
  async until(node: NodeRow, state: string, turns = 12): Promise<NodeRow> {
    for (let i = 0; i < turns; i++) {
      const now = await this.state(node)
      if (now.provisionState === state) return now
      await this.turn(node)
    }
    const now = await this.state(node)
    if (now.provisionState === state) return now
    throw new Error(
      `the node is in ${now.provisionState}, not in ${state}: ${now.lastError ?? 'no error'}`,
    )
  }
}

export function agentBed(config: ConfigOverrides = {}, clock?: JumpingClock): AgentBed {
  const bed = new AgentBed()
  beforeAll(() => bed.open(config, clock), 30_000)
  afterEach(() => bed.machines.stopAll())
  afterAll(() => bed.close())
  return bed
}
