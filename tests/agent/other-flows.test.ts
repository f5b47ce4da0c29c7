import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { ports } from '../../src/db/schema/index.js'
import { agentBed } from './_util/bed.js'

const directory = mkdtempSync(join(tmpdir(), 'ferric-agent-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const bed = agentBed({
  agent: { deploy_logs_collect: 'on_failure', deploy_logs_local_path: join(directory, 'logs') },
  deploy: { http_url: 'http://boot.example.org/', http_root: join(directory, 'http') },
  DEFAULT: { state_path: directory },
  conductor: { file_url_allowed_paths: [directory] },
  pxe: { instance_master_path: join(directory, 'master') },
})

/** A certificate for 127.0.0.1 that signs itself, as the agent makes one. */
function certificate(name: string): { key: string; cert: string } {
  const [key, cert] = [join(directory, `${name}.key`), join(directory, `${name}.crt`)]
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '1', '-subj', '/CN=agent', '-addext', `subjectAltName=${name}`],
      ...['-keyout', key, '-out', cert],
    ],
    { stdio: 'ignore' },
  )
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

describe('TLS of the agent', () => {
  it('is trusted by the certificate it sent first, and keeps others out', async () => {
    const node = await bed.node({ instanceInfo: bed.image })
    const machine = bed.machine(node)
    machine.behaviour = { tls: certificate('IP:127.0.0.1') }
    await bed.verb(node, 'active')
    await bed.turn(node)
    const other = await machine.agent!.heartbeat({ agent_verify_ca: 'another' })
    expect(other.status).toBe(400)
    expect(other.fault).toBe('Detected change in ramdisk provided "agent_verify_ca"')
    expect((await bed.until(node, 'active')).lastError).toBeNull()
  })

  it('must name the host it is spoken to at', async () => {
    const node = await bed.node({ instanceInfo: bed.image })
    bed.machine(node).behaviour = { tls: certificate('IP:192.0.2.1') }
    await bed.verb(node, 'active')
    const failed = await bed.until(node, 'deploy failed')
    expect(failed.lastError).toMatch(/Failed to connect to the agent .*altnames/)
  })

  it('is not trusted without a certificate it could be known by', async () => {
    const node = await bed.node({ instanceInfo: bed.image })
    const machine = bed.machine(node)
    machine.behaviour = { tls: certificate('IP:127.0.0.1') }
    await bed.verb(node, 'active')
    await bed.drain()
    await machine.agent!.start()
    await machine.agent!.heartbeat({ agent_verify_ca: undefined })
    await bed.drain()
    expect((await bed.state(node)).lastError).toMatch(/self-signed certificate/)
  })
})

describe('an image served from here', () => {
  it('is put up for the agent, and taken away when it has it', async () => {
    const node = await bed.node({
      instanceInfo: { ...bed.image, image_download_source: 'local' },
    })
    const machine = bed.machine(node)
    let served: string[] = []
    machine.behaviour = {
      endings: {
        'deploy.write_image': () => {
          served = readdirSync(join(directory, 'http/agent_images'))
          return undefined
        },
      },
    }
    await bed.verb(node, 'active')
    await bed.drain()
    const { agent } = machine
    await bed.until(node, 'active')
    expect(served).toEqual([node.uuid])
    const step = agent!.named('execute_deploy_step')[0]?.params['step'] as {
      args: { image_info: Record<string, unknown> }
    }
    expect(step.args.image_info).toMatchObject({
      urls: [`http://boot.example.org/agent_images/${node.uuid}`],
      disk_format: 'raw',
      checksum: bed.image.image_checksum,
    })
    expect(readdirSync(join(directory, 'http/agent_images'))).toEqual([])
  })

  it('is refused when it is another one', async () => {
    const info = { ...bed.image, image_download_source: 'local', image_checksum: '0'.repeat(64) }
    const node = await bed.node({ instanceInfo: info })
    await bed.verb(node, 'active')
    const failed = await bed.until(node, 'deploy failed')
    expect(failed.lastError).toMatch(/^Failed to prepare to deploy: .*checksum/i)
  })
})

/** An image server that can be spoiled: it takes no connection to an end, or cuts its transfers. */
async function spoiledServer() {
  const content = randomBytes(256 * 1024)
  const mood = { is: 'well' as 'well' | 'down' | 'cut' }
  const server = createServer((request, response) => {
    if (mood.is === 'down') return void request.socket.destroy()
    response.writeHead(200, { 'content-length': content.length })
    if (request.method === 'HEAD') return void response.end()
    if (mood.is === 'well') return void response.end(content)
    response.write(content.subarray(0, 100_000), () => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const info = {
    image_source: `http://127.0.0.1:${port}/disk.raw`,
    image_checksum: createHash('sha256').update(content).digest('hex'),
    image_disk_format: 'raw',
  }
  return { mood, info }
}

describe('a deployment fails while its image server', () => {
  it.each([
    ['down', 'http', /^Failed to prepare to deploy: .*disk\.raw/],
    ['down', 'local', /^Failed to prepare to deploy: .*disk\.raw/],
    ['cut', 'local', /^Failed to prepare to deploy: .*Failed to download image \S+disk\.raw/],
  ] as const)('is %s (source %s), and works when it is well', async (mood, source, error) => {
    const server = await spoiledServer()
    server.mood.is = mood
    const node = await bed.node({ instanceInfo: { ...server.info, image_download_source: source } })
    await bed.verb(node, 'active')
    expect((await bed.until(node, 'deploy failed')).lastError).toMatch(error)
    server.mood.is = 'well'
    await bed.verb(node, 'active')
    expect((await bed.until(node, 'active')).lastError).toBeNull()
  })
})

describe('a failed deployment', () => {
  it('leaves the logs of its ramdisk', async () => {
    const node = await bed.node({ instanceInfo: bed.image, name: 'one' })
    bed.machine(node).behaviour = {
      endings: {
        'deploy.write_image': () => ({ error: { details: 'disk too small' } }),
        'log.collect_system_logs': () => ({
          result: { system_logs: Buffer.from('logs').toString('base64') },
        }),
      },
    }
    await bed.verb(node, 'active')
    await bed.until(node, 'deploy failed')
    const [file, ...others] = readdirSync(join(directory, 'logs'))
    expect(others).toEqual([])
    expect(file).toMatch(new RegExp(`^${node.uuid}_one_2026-.*\\.tar\\.gz$`))
    expect(readFileSync(join(directory, 'logs', file!), 'utf8')).toBe('logs')
  })
})

describe('servicing', () => {
  it("runs the agent's steps and gives the machine back to its instance", async () => {
    const node = await bed.node({ provisionState: 'active', powerState: 'power on' })
    const machine = bed.machine(node)
    Object.assign(machine, { power: 'power on', next: 'instance' })
    machine.behaviour = {
      steps: { service: [{ step: 'burnin_cpu', interface: 'deploy', priority: 0 }] },
    }
    const asked = await bed.verb(node, 'service', {
      service_steps: [{ interface: 'deploy', step: 'burnin_cpu' }],
    })
    expect(asked.status).toBe(202)
    await bed.drain()
    const { agent } = machine
    const done = await bed.until(node, 'active')
    expect(done.lastError).toBeNull()
    expect(agent!.named('execute_service_step')).toHaveLength(1)
    expect(machine.booted).toEqual(['ramdisk', 'instance'])
    expect(done.powerState).toBe('power on')
  })
})

describe('rescue', () => {
  it('gives the ramdisk a hashed password, and the machine back', async () => {
    const node = await bed.node({ provisionState: 'active', powerState: 'power on' })
    const machine = bed.machine(node)
    Object.assign(machine, { power: 'power on', next: 'instance' })
    await bed.verb(node, 'rescue', { rescue_password: 'secret' })
    await bed.drain()
    const { agent } = machine
    const rescued = await bed.until(node, 'rescue')
    expect(rescued.lastError).toBeNull()
    const [command] = agent!.named('finalize_rescue')
    expect(command?.params).toMatchObject({ hashed: true })
    expect(command?.params['rescue_password']).toMatch(/^\$5\$/)
    expect(rescued.instanceInfo).toEqual({})
    await bed.verb(node, 'unrescue')
    await bed.until(node, 'active')
    expect(machine.booted).toEqual(['ramdisk', 'instance'])
  })

  it('fails with what the ramdisk says', async () => {
    const node = await bed.node({ provisionState: 'active', powerState: 'power on' })
    bed.machine(node).behaviour = {
      endings: { 'rescue.finalize_rescue': () => ({ error: { details: 'no user rescue' } }) },
    }
    await bed.verb(node, 'rescue', { rescue_password: 'secret' })
    const failed = await bed.until(node, 'rescue failed')
    expect(failed.lastError).toBe(
      `Node failed to perform rescue operation: Failed to rescue instance None for node ${node.uuid}: Agent returned bad result for command finalize_rescue: no user rescue`,
    )
    expect(failed.powerState).toBe('power off')
  })
})

describe('inspection', () => {
  const inventory = {
    interfaces: [{ name: 'eth0', mac_address: '52:54:00:12:34:56', ipv4_address: '10.0.0.1' }],
    cpu: { architecture: 'x86_64', count: 4 },
    memory: { physical_mb: 2048 },
    disks: [],
    boot: { pxe_interface: '52:54:00:12:34:56', current_boot_mode: 'uefi' },
    bmc_address: null,
    bmc_v6address: null,
  }

  it('boots the ramdisk, takes what it finds, and switches the machine off', async () => {
    const node = await bed.node({ provisionState: 'manageable' })
    const machine = bed.machine(node)
    await bed.ctx.db.orm
      .insert(ports)
      .values({ uuid: node.uuid, address: '52:54:00:12:34:56', nodeId: node.id })
    await bed.verb(node, 'inspect')
    await bed.drain()
    expect((await bed.state(node)).provisionState).toBe('inspect wait')
    expect(machine.ramdiskParams).toEqual({
      'ipa-inspection-callback-url': expect.stringMatching(/\/v1\/continue_inspection$/),
    })
    expect(machine.power).toBe('power on')
    const sent = await bed.send('POST', '/v1/continue_inspection', { body: { inventory } })
    expect(sent.status).toBe(202)
    const done = await bed.until(node, 'manageable')
    expect(done.properties).toMatchObject({ cpu_arch: 'x86_64' })
    expect(done.powerState).toBe('power off')
    expect(done.driverInternalInfo).not.toHaveProperty('inspector_manage_boot')
  })

  it('is aborted with the machine off', async () => {
    const node = await bed.node({ provisionState: 'manageable' })
    await bed.verb(node, 'inspect')
    await bed.drain()
    expect((await bed.verb(node, 'abort')).status).toBe(202)
    await bed.drain()
    const aborted = await bed.until(node, 'inspect failed')
    expect(aborted.lastError).toBe('Inspection was aborted by request.')
    expect(aborted.powerState).toBe('power off')
  })
})

describe('a ramdisk that runs already', () => {
  it('is deployed from without a reboot', async () => {
    const node = await bed.node({
      provisionState: 'manageable',
      driverInfo: { fast_track: true },
      automatedClean: true,
    })
    const machine = bed.machine(node)
    await bed.verb(node, 'provide')
    const cleaned = await bed.until(node, 'available')
    expect(cleaned.powerState).toBe('power on')
    await machine.agent!.heartbeat()
    const info = { ...cleaned.instanceInfo, ...bed.image }
    await bed.send('PATCH', `/v1/nodes/${node.uuid}`, {
      version: '1.87',
      body: [{ op: 'add', path: '/instance_info', value: info }],
    })
    await bed.verb(node, 'active')
    const done = await bed.until(node, 'active')
    expect(done.lastError).toBeNull()
    expect(machine.booted).toEqual(['ramdisk', 'instance'])
  })

  it('is not what runs after the machine it inspected was deployed', async () => {
    const node = await bed.node({
      driverInfo: { fast_track: true },
      instanceInfo: bed.image,
      inspectionFinishedAt: bed.ctx.clock.now(),
    })
    bed.ctx.clock.advance(1000)
    await bed.verb(node, 'active')
    await bed.until(node, 'active')
    await bed.verb(node, 'rebuild')
    await bed.until(node, 'active')
    expect(bed.machine(node).booted).toEqual(['ramdisk', 'instance', 'ramdisk', 'instance'])
  })
})

describe('a ramdisk deployment', () => {
  it('is over when the machine boots', async () => {
    const node = await bed.node({
      deployInterface: 'ramdisk',
      instanceInfo: { kernel: 'http://k', ramdisk: 'http://r' },
    })
    await bed.verb(node, 'active')
    expect((await bed.until(node, 'active')).lastError).toBeNull()
    expect(bed.machine(node).booted).toEqual(['instance'])
  })
})
