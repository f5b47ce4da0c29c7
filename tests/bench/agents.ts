// `npm run bench -- agents`: machines with simulated agents, deployed all at once (`direct`, an image the agent
// would fetch itself), by a real Ironic and by Ferric. Prints a table, asserts nothing.
//   --nodes 100   --peer debian|newest|none   --homes embedded,postgres   --work 200 (ms a command runs)
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Rest } from '../_util/peers/rest.js'
import { SimAgent, type CallApi } from '../agent/_util/sim-agent.js'
import { median, residentMiB, type Figure } from './figures.js'
import { Load, rate } from './load.js'
import { ferric, realIronic, type Running } from './subject.js'
import { printTable } from './table.js'

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    nodes: { type: 'string', default: '100' },
    peer: { type: 'string', default: 'debian' },
    homes: { type: 'string', default: 'embedded,postgres' },
    work: { type: 'string', default: '200' },
  },
})
const count = Number(values.nodes)
const workMs = Number(values.work)
/** As the real agent does between commands, and after a 409. */
const [beatMs, againMs] = [5000, 1000]
const deadlineMs = 280_000
const image = Buffer.alloc(64 * 1024)

// Fake hardware knows no boot device but the network; machines whose boot nobody manages come without.
const conf = {
  DEFAULT: {
    enabled_hardware_types: 'manual-management',
    enabled_deploy_interfaces: 'direct',
    enabled_boot_interfaces: 'pxe',
    enabled_management_interfaces: 'noop',
  },
  agent: { require_tls: 'false', deploy_logs_collect: 'never', manage_agent_boot: 'false' },
  conductor: { automated_clean: 'false' },
}

type Node = { uuid: string; provision_state: string; last_error: string | null }

/** As real agents, it has a step, of priority 0: an Ironic asks again and again for those of one that has none. */
const behaviour = {
  readsWithoutToken: true,
  steps: { deploy: [{ interface: 'deploy', step: 'erase_devices_metadata', priority: 0 }] },
}

/** How an agent reaches the API. */
function apiAt(url: string): CallApi {
  return async (method, path, { version = '1.68', body: sent } = {}) => {
    const rest = new Rest(url, version)
    const { status, body } = await rest.send(method, path.replace(/^\/v1/, ''), sent)
    return { status, body, headers: new Headers(), fault: undefined }
  }
}

/**
 * An agent on its machine: beats, does what it is told, and beats again when that is done, until its machine
 * boots something else.
 */
async function live(url: string, uuid: string, stop: AbortSignal): Promise<void> {
  const agent = new SimAgent(uuid, apiAt(url), behaviour)
  while (!stop.aborted && (await agent.start()).status !== 200) {
    await agent.stop()
    await sleep(againMs)
  }
  try {
    await beating(agent, stop)
  } finally {
    await agent.stop()
  }
}

async function beating(agent: SimAgent, stop: AbortSignal): Promise<void> {
  const running = () => agent.commands.some((one) => one.command_status === 'RUNNING')
  while (!stop.aborted) {
    const { status } = await agent.heartbeat()
    if (status >= 400) await sleep(againMs)
    else {
      const until = performance.now() + beatMs
      while (!running() && performance.now() < until && !stop.aborted) await sleep(20)
    }
    if (!running()) continue
    await sleep(workMs)
    agent.finish()
  }
}

async function available(load: Load, imageUrl: string): Promise<string[]> {
  const uuids: string[] = []
  await rate(Array.from({ length: count }), async () => {
    const { uuid } = await load.ask<Node>('POST', '/nodes', {
      driver: 'manual-management',
      power_interface: 'fake',
      resource_class: 'bench',
      deploy_interface: 'direct',
      properties: { cpu_arch: 'x86_64', memory_mb: 4096 },
      // Nobody is there whose power could be seen to go: it is switched by the BMC at the end.
      driver_info: { deploy_forces_oob_reboot: true },
      instance_info: {
        image_source: imageUrl,
        image_checksum: '0'.repeat(32),
        image_disk_format: 'raw',
      },
    })
    uuids.push(uuid)
  })
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ] as const) {
    await rate(uuids, (uuid) => load.ask('PUT', `/nodes/${uuid}/states/provision`, { target }))
    for (;;) {
      const nodes = await all(load)
      if (nodes.every((node) => node.provision_state === state)) break
      await sleep(100)
    }
  }
  return uuids
}

async function all(load: Load): Promise<Node[]> {
  const path = '/nodes?resource_class=bench&fields=uuid,provision_state,last_error'
  return (await load.ask<{ nodes: Node[] }>('GET', path)).nodes
}

/** Starts agents as machines come to wait for them; resolves to the seconds of each deployment. */
async function deploying(url: string, load: Load, uuids: string[]): Promise<number[]> {
  const began = performance.now()
  const agents: Promise<void>[] = []
  const booted = new Map<string, AbortController>()
  const took = new Map<string, number>()
  const target = { target: 'active' }
  const asked = rate(uuids, (uuid) => load.ask('PUT', `/nodes/${uuid}/states/provision`, target))
  try {
    while (took.size < uuids.length) {
      for (const { uuid, provision_state: state, last_error: error } of await all(load)) {
        if (state === 'deploy failed') throw new Error(`${uuid}: ${error}`)
        if (state === 'active' && !took.has(uuid)) {
          took.set(uuid, performance.now() - began)
          booted.get(uuid)?.abort()
        }
        if (state !== 'wait call-back' || booted.has(uuid)) continue
        const machine = new AbortController()
        booted.set(uuid, machine)
        agents.push(live(url, uuid, machine.signal))
      }
      if (performance.now() - began > deadlineMs) {
        throw new Error(`${took.size} were deployed: ${JSON.stringify(await all(load))}`)
      }
      await sleep(100)
    }
    await asked
  } finally {
    for (const machine of booted.values()) machine.abort()
    await Promise.all(agents)
  }
  return [...took.values()].map((ms) => ms / 1000)
}

async function measure({ url, pids }: Running, imageUrl: string): Promise<Figure[]> {
  await using load = new Load(url)
  const uuids = await available(load, imageUrl)
  const took = await deploying(url, load, uuids)
  return [
    { name: `deploy ${count} machines`, unit: 's', value: Math.max(...took) },
    { name: 'half of them', unit: 's', value: median(took) },
    { name: 'memory', unit: 'MiB', value: residentMiB(pids) },
  ]
}

const images = createServer((request, response) => {
  response.writeHead(200, { 'content-length': image.length })
  response.end(request.method === 'GET' ? image : undefined)
})
await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve))
const imageUrl = `http://127.0.0.1:${(images.address() as AddressInfo).port}/disk.raw`
const wishes = { conf, starts: 1 }
const homes = (['embedded', 'postgres'] as const).filter((one) =>
  values.homes.split(',').includes(one),
)
const reals = (['debian', 'newest'] as const).filter((one) => one === values.peer)
const subjects = [
  ...reals.map((one) => realIronic(`ironic-${one}`, wishes)),
  ...homes.map((home) => ferric(home, wishes)),
]
const columns: Figure[][] = []
for (const subject of subjects) {
  process.stderr.write(`${subject.name} …\n`)
  await using running = await subject.start()
  columns.push(await measure(running, imageUrl))
}
images.closeAllConnections()
images.close()
printTable(
  subjects.map(({ name }) => name),
  columns,
)
