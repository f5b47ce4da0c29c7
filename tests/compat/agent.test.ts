// The real ironic-python-agent, newest and an older one, on a loop device: inspection, cleaning and
// a deployment. What it may touch is in tests/agent/_real/launch.py.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startApi } from '../../src/api/server.js'
import type { NodeRow } from '../../src/db/rows.js'
import { ports } from '../../src/db/schema/index.js'
import { AgentBed } from '../agent/_util/bed.js'
import { Machines } from '../agent/_util/machines.js'
import { LoopDisk, RealMachine } from '../agent/_real/machine.js'
import { pythonPeer } from '../_util/peers/installed.js'

const mac = '52:54:00:aa:bb:cc'

async function freePort(): Promise<number> {
  const server = createNetServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A disk image with a partition table and something to know it by. */
function makeImage(file: string): Buffer {
  writeFileSync(file, Buffer.alloc(16 * 1024 * 1024))
  execFileSync('sgdisk', ['--new=1:2048:+8M', '--change-name=1:root', file], { stdio: 'ignore' })
  const bytes = readFileSync(file)
  bytes.write('ferric was here', 2048 * 512)
  return bytes
}

interface Rig {
  readonly bed: AgentBed
  readonly disk: LoopDisk
  readonly image: Record<string, string>
  readonly machine: (node: NodeRow) => RealMachine
  readonly until: (node: NodeRow, state: string) => Promise<NodeRow>
}

async function withRig(peer: string, work: (rig: Rig) => Promise<void>): Promise<void> {
  const { python } = await pythonPeer(peer)
  const directory = mkdtempSync(join(tmpdir(), 'ferric-ipa-'))
  const disk = new LoopDisk(join(directory, 'disk'), 160 * 1024 * 1024)
  const bytes = makeImage(join(directory, 'image.raw'))
  const images = createServer((request, response) => {
    response.writeHead(200, { 'content-length': bytes.length })
    response.end(request.method === 'HEAD' ? undefined : bytes)
  })
  await new Promise<void>((resolve) => images.listen(0, '127.0.0.1', resolve))
  const options = { python, directory, disk, mac, port: await freePort() }
  const machines = new Machines((uuid, api) => new RealMachine(uuid, api, options))
  const bed = new AgentBed(machines)
  const port = await freePort()
  await bed.open({
    // The certificate the agent makes is taken, so TLS is not relaxed here.
    agent: { require_tls: true, command_timeout: 30 },
    api: { port, host_ip: '127.0.0.1', ramdisk_heartbeat_timeout: 5 },
    service_catalog: { endpoint_override: `http://127.0.0.1:${port}` },
  })
  const api = await startApi(bed.ctx)
  const stop = new AbortController()
  const worker = (async () => {
    while (!stop.signal.aborted) {
      await bed.drain()
      await sleep(50)
    }
  })()
  try {
    await work({
      bed,
      disk,
      image: {
        image_source: `http://127.0.0.1:${(images.address() as AddressInfo).port}/image.raw`,
        image_os_hash_algo: 'sha256',
        image_os_hash_value: createHash('sha256').update(bytes).digest('hex'),
        image_disk_format: 'raw',
      },
      machine: (node) => machines.of(node.uuid) as RealMachine,
      async until(node, state) {
        for (const end = Date.now() + 90_000; Date.now() < end; await sleep(200)) {
          const now = await bed.state(node)
          if (now.provisionState === state) return now
          if (now.provisionState.endsWith('failed')) break
        }
        const now = await bed.state(node)
        const log = readFileSync((machines.of(node.uuid) as RealMachine).log, 'utf8')
        throw new Error(`${now.provisionState}: ${now.lastError}\n${log.slice(-6000)}`)
      },
    })
  } finally {
    stop.abort()
    await worker
    await machines.stopAll()
    await api.close(1000)
    await bed.close()
    images.closeAllConnections()
    images.close()
    disk.free()
    rmSync(directory, { recursive: true, force: true })
  }
}

const marker = (disk: LoopDisk): string => {
  const out = execFileSync('dd', [`if=${disk.device}`, 'bs=512', 'skip=2048', 'count=1'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return out.subarray(0, 15).toString()
}

/** The label of the file system on the second partition, read from the disk itself. */
const label = (disk: LoopDisk): string => {
  const ask = ['--probe', '--output', 'value', '--match-tag', 'LABEL', `${disk.device}p2`]
  return execFileSync('blkid', ask).toString().trim()
}

describe.each(['ipa-newest', 'ipa-older'])('ironic-python-agent (%s)', (peer) => {
  it('is inspected, cleaned and deployed', { timeout: 240_000 }, () =>
    withRig(peer, async ({ bed, disk, image, machine, until }) => {
      const node = await bed.node({
        provisionState: 'manageable',
        properties: { capabilities: 'boot_mode:bios' },
      })
      await bed.ctx.db.orm
        .insert(ports)
        .values({ uuid: node.uuid, address: mac, nodeId: node.id, pxeEnabled: true })

      await bed.verb(node, 'inspect')
      const inspected = await until(node, 'manageable')
      expect(inspected.properties).toMatchObject({ cpu_arch: 'x86_64' })
      expect(inspected.powerState).toBe('power off')

      execFileSync('dd', ['if=/dev/urandom', `of=${disk.device}`, 'bs=1M', 'count=1'], {
        stdio: 'ignore',
      })
      await bed.verb(node, 'provide')
      const cleaned = await until(node, 'available')
      expect(cleaned.lastError).toBeNull()
      expect(marker(disk)).not.toContain('ferric')

      const config = [{ op: 'add', path: '/instance_info', value: image }]
      await bed.send('PATCH', `/v1/nodes/${node.uuid}`, { version: '1.87', body: config })
      const configdrive = { meta_data: { hostname: 'from-ferric' } }
      await bed.verb(node, 'active', { configdrive })
      const deployed = await until(node, 'active')
      expect(deployed.lastError).toBeNull()
      expect(marker(disk)).toBe('ferric was here')
      expect(label(disk)).toBe('config-2')
      expect(machine(node).booted).toEqual(['ramdisk', 'ramdisk', 'ramdisk', 'instance'])
    }),
  )
})
