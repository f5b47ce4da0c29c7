import { setTimeout as sleep } from 'node:timers/promises'
import type { Agent } from './beats.js'
import { median, residentMiB, type Figure } from './figures.js'
import { Load, rate, samples } from './load.js'
import type { Running } from './subject.js'

/** How many nodes are created, and how many of others are taken from enroll to active. */
export type Size = { records: number; deploys: number }

export const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)

type Created = { uuid: string }

/** A node as the load creates it. */
export const record = (n: number) => ({
  driver: 'fake-hardware',
  name: `bench-${n}`,
  resource_class: `class-${n % 10}`,
  properties: { cpus: 8, memory_mb: 16384, local_gb: 200, cpu_arch: 'x86_64' },
  driver_info: { ipmi_address: `127.0.0.${n % 250}`, ipmi_username: 'admin' },
  extra: { rack: n % 40, unit: n % 42 },
})

async function creates(load: Load, records: number): Promise<{ uuids: string[]; figure: Figure }> {
  const uuids: string[] = []
  for (const n of numbers(20)) await load.ask('POST', '/nodes', { ...record(n), name: `warm-${n}` })
  const value = await rate(numbers(records), async (n) => {
    uuids.push((await load.ask<Created>('POST', '/nodes', record(n))).uuid)
  })
  return { uuids, figure: { name: `create ${records} nodes`, unit: 'per s', value } }
}

async function reads(load: Load, uuids: string[]): Promise<Figure[]> {
  const path = `/nodes/${uuids[Math.floor(uuids.length / 2)] ?? ''}`
  const one = await samples(50, 300, () => load.timed('GET', path))
  const short = await samples(3, 15, () => load.timed('GET', `/nodes?limit=${uuids.length}`))
  const long = await samples(2, 9, () => load.timed('GET', `/nodes/detail?limit=${uuids.length}`))
  return [
    { name: 'show one node', unit: 'ms', value: median(one) },
    { name: `list, page of ${uuids.length}`, unit: 'ms', value: median(short) },
    { name: `detail, page of ${uuids.length}`, unit: 'ms', value: median(long) },
  ]
}

async function patches(load: Load, uuids: string[]): Promise<Figure> {
  const patch = (value: number) => [{ op: 'add', path: '/extra/seen', value }]
  await rate(uuids.slice(0, 30), (uuid) => load.ask('PATCH', `/nodes/${uuid}`, patch(0)))
  const work = (uuid: string) => load.ask('PATCH', `/nodes/${uuid}`, patch(1))
  return { name: 'patch', unit: 'per s', value: await rate(uuids.slice(-400), work) }
}

/** Looks nodes up as their agents do, for the tokens of their heartbeats. */
export async function agentsOf(load: Load, uuids: readonly string[]): Promise<Agent[]> {
  return await Promise.all(
    uuids.map(async (uuid) => {
      const path = `/lookup?node_uuid=${uuid}`
      const found = await load.ask<{ config: { agent_token: string } }>('GET', path)
      return { uuid, token: found.config.agent_token }
    }),
  )
}

async function heartbeats(load: Load, uuids: string[]): Promise<Figure> {
  const beating = await agentsOf(load, uuids.slice(0, 200))
  const beat = ({ uuid, token }: { uuid: string; token: string }) =>
    load.ask('POST', `/heartbeat/${uuid}`, {
      callback_url: 'http://127.0.0.1:9999',
      agent_version: '9.0.0',
      agent_token: token,
    })
  await rate(beating.slice(0, 30), beat)
  return { name: 'heartbeat', unit: 'per s', value: await rate(beating, beat) }
}

async function settled(load: Load, name: string, state: string): Promise<void> {
  const deadline = Date.now() + 300_000
  for (;;) {
    const path = `/nodes?resource_class=${name}&fields=uuid,provision_state,last_error`
    const { nodes } = await load.ask<{ nodes: { provision_state: string }[] }>('GET', path)
    const left = nodes.filter((node) => node.provision_state !== state)
    if (left.length === 0) return
    if (Date.now() > deadline) throw new Error(`not ${state}: ${JSON.stringify(left[0])}`)
    await sleep(100)
  }
}

/** Takes new nodes of the resource class `name` from enroll to active; returns the seconds. */
export async function deployAll(load: Load, count: number, name: string): Promise<number> {
  const began = performance.now()
  const uuids: string[] = []
  const verb = (target: string) => (uuid: string) =>
    load.ask('PUT', `/nodes/${uuid}/states/provision`, { target })
  await rate(numbers(count), async (n) => {
    const body = { ...record(n), name: `${name}-${n}`, resource_class: name }
    uuids.push((await load.ask<Created>('POST', '/nodes', body)).uuid)
  })
  for (const [target, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
    ['active', 'active'],
  ] as const) {
    await rate(uuids, verb(target))
    await settled(load, name, state)
  }
  return (performance.now() - began) / 1000
}

async function deploys(load: Load, count: number): Promise<Figure> {
  const seconds = await deployAll(load, count, 'deploy')
  return { name: `enroll to active, ${count} nodes`, unit: 's', value: seconds }
}

/** Every figure of one running subject, in the order of the table. */
export async function measure(running: Running, size: Size): Promise<Figure[]> {
  await using load = new Load(running.url)
  const { uuids, figure } = await creates(load, size.records)
  const read = await reads(load, uuids)
  const rest = [
    await patches(load, uuids),
    await heartbeats(load, uuids),
    await deploys(load, size.deploys),
  ]
  const memory: Figure = {
    name: 'memory after it all',
    unit: 'MiB',
    value: residentMiB(running.pids),
  }
  const start: Figure = { name: 'start-up', unit: 'ms', value: running.startMs }
  return [start, figure, ...read, ...rest, memory]
}
