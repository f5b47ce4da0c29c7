// Steps of the BMC that want a ramdisk: the machine boots one from virtual media, and an agent without a
// machine under it calls for it.
import { expect } from 'vitest'
import { SimAgent } from '../../agent/_util/sim-agent.js'
import { httpClient } from '../../_util/api.js'
import { until } from '../../_util/peers/until.js'
import { arg, moves, show, type Node, type Walker } from '../walk/walker.js'
import { systemPath, type Bed } from './bed.js'

const volumes = `${systemPath}/Storage/1/Volumes`

/** Plays the ramdisk of a node for as long as `work` takes: it comes up, calls, and starts again when it must. */
async function withRamdisk<T>(
  walker: Walker,
  node: string,
  url: string,
  work: () => Promise<T>,
): Promise<T> {
  const { uuid } = (await show(walker, node)) as { uuid: string }
  const api = httpClient(url)
  const agent = new SimAgent(uuid, api, { steps: { clean: [] } })
  const over = new AbortController()
  const calls = until(
    async () => {
      if (over.signal.aborted) return true
      const { body } = await api('GET', `/v1/nodes/${uuid}`, { version: '1.93' })
      if (body?.['provision_state'] === 'clean wait') await call(agent)
      return undefined
    },
    { what: 'the end of the ramdisk', timeoutMs: 180_000, everyMs: 300 },
  )
  try {
    return await work()
  } finally {
    over.abort()
    await calls
    await agent.stop()
  }
}

/** A token that is no longer good means that the machine was restarted. */
async function call(agent: SimAgent): Promise<void> {
  if (!agent.running) await agent.start()
  agent.finish()
  const reply = await agent.heartbeat()
  if (reply.status === 400 || reply.status === 401) await agent.restart()
}

const clean = (walker: Walker, node: string, url: string, ...steps: object[]): Promise<Node> =>
  withRamdisk(walker, node, url, () =>
    moves(walker, node, ['clean', '--clean-steps', arg(steps)], 'manageable'),
  )

/** Makes a RAID, sees it in the machine, and deletes it; updates the firmware. */
export async function cleanWithRamdisk(
  walker: Walker,
  bed: Bed,
  node: string,
  places: { ferric: string; images: string },
): Promise<void> {
  const { ferric, images } = places
  const set = (...words: string[]) => walker.cli.run('baremetal', 'node', 'set', node, ...words)
  await set('--boot-interface', 'redfish-virtual-media')
  await set('--driver-info', `deploy_iso=${images}/agent.iso`)
  const properties = await walker.cli.json<object[]>(
    ...['baremetal', 'driver', 'raid', 'property', 'list', 'redfish'],
  )
  expect(arg(properties)).toContain('raid_level')
  const root = { raid_level: '1', size_gb: 100, volume_name: 'root', is_root_volume: true }
  await set('--target-raid-config', arg({ logical_disks: [root] }))
  const create = { interface: 'raid', step: 'create_configuration' }
  const made = await clean(walker, node, ferric, create)
  const disk = { name: 'root', controller: '1', size_gb: 100, raid_level: '1' }
  expect(made['raid_config']).toMatchObject({ logical_disks: [disk] })
  const [member] = (await bed.read(volumes))['Members'] as { '@odata.id': string }[]
  expect(await bed.read(member?.['@odata.id'] ?? '')).toMatchObject({
    Name: 'root',
    VolumeType: 'Mirrored',
    CapacityBytes: 100 * 1024 ** 3,
  })
  const removed = { interface: 'raid', step: 'delete_configuration' }
  const empty = await clean(walker, node, ferric, removed)
  expect(empty['raid_config']).toMatchObject({ logical_disks: [] })
  expect((await bed.read(volumes))['Members']).toEqual([])
  await updateFirmware(walker, bed, node, places)
}

async function updateFirmware(
  walker: Walker,
  bed: Bed,
  node: string,
  { ferric, images }: { ferric: string; images: string },
): Promise<void> {
  const before = (await bed.read())['BiosVersion']
  const settings = [{ component: 'bios', url: `${images}/bios.bin` }]
  const update = { interface: 'firmware', step: 'update', args: { settings } }
  await clean(walker, node, ferric, update)
  const after = (await bed.read())['BiosVersion']
  expect(after).not.toBe(before)
  const listed = await walker.cli.json<Record<string, unknown>[]>(
    ...['baremetal', 'node', 'firmware', 'list', node],
  )
  expect(listed.find((row) => Object.values(row).includes('bios'))).toMatchObject({
    current_version: after,
  })
}
