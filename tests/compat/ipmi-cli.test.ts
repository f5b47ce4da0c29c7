// The newest `openstack baremetal` takes an `ipmi` node through its life; the simulator and `ipmitool`
// say what really happened.
import { createServer, type Server, type Socket } from 'node:net'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFerric, type Ferric } from '../_util/peers/ferric.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { openstackClient, type OpenStack } from '../_util/peers/openstack.js'
import { moves, show, type Walker } from './walk/walker.js'

const bmcPort = 23121
const node = 'bmc-1'
const conf = {
  DEFAULT: {
    enabled_hardware_types: 'ipmi,fake-hardware',
    enabled_management_interfaces: 'ipmitool,fake',
    enabled_power_interfaces: 'ipmitool,fake',
    enabled_vendor_interfaces: 'ipmitool,no-vendor,fake',
    enabled_console_interfaces: 'ipmitool-socat,no-console',
    enabled_deploy_interfaces: 'fake,direct',
  },
  conductor: { automated_clean: 'false' },
  ipmi: { min_command_interval: '0', command_retry_timeout: '10' },
  console: { port_range: '23130:23139', socat_address: '127.0.0.1' },
}
const access = {
  ipmi_address: '127.0.0.1',
  ipmi_port: String(bmcPort),
  ipmi_username: 'admin',
  ipmi_password: 'secret',
}

let sim: IpmiSim
let ferric: Ferric
let cli: OpenStack
let walker: Walker
let serial: Server
let line: Socket | null = null
let typed = ''

beforeAll(async () => {
  serial = createServer((socket) => {
    line = socket
    socket.on('data', (bytes) => (typed += bytes.toString()))
  })
  await new Promise<void>((resolve) => serial.listen(23122, '127.0.0.1', resolve))
  sim = await IpmiSim.start({ port: bmcPort, serialPort: 23122 })
  ferric = await startFerric('embedded', conf)
  cli = await openstackClient(ferric.url)
  walker = { cli, minor: 115, real: false }
  const info = Object.entries(access).flatMap(([k, v]) => ['--driver-info', `${k}=${v}`])
  await cli.run('baremetal', 'node', 'create', '--driver', 'ipmi', '--name', node, ...info)
}, 180_000)
afterAll(async () => {
  await cli?.[Symbol.asyncDispose]()
  await ferric?.[Symbol.asyncDispose]()
  await sim?.[Symbol.asyncDispose]()
  line?.destroy()
  serial.close()
}, 60_000)

const seenPower = async () =>
  /Chassis Power is (\w+)/.exec(await sim.ipmitool('power', 'status'))?.[1]
const wait = { timeout: 30_000, interval: 200 }
const rests = (what: object) =>
  expect.poll(() => show(walker, node), wait).toMatchObject({ reservation: null, ...what })

describe('an ipmi node', { timeout: 90_000 }, () => {
  it('is managed: its power state is read', async () => {
    await moves(walker, node, ['manage'], 'manageable')
    await rests({ power_state: 'power off' })
    expect(await seenPower()).toBe('off')
  })

  it.each([
    [['power', 'on'], 'power on', ['set power 1']],
    [['reboot'], 'power on', ['set power 0', 'set power 1']],
    [['power', 'off', '--soft'], 'power off', ['set shutdown 1']],
    [['power', 'on'], 'power on', ['set power 1']],
    [['reboot', '--soft'], 'power on', ['set shutdown 1', 'set power 1']],
    [['power', 'off'], 'power off', ['set power 0']],
  ])('%s', async (verb, state, told) => {
    const before = sim.changes().length
    await cli.run('baremetal', 'node', ...verb, node)
    await expect.poll(() => sim.changes().slice(before), wait).toEqual(told)
    await rests({ power_state: state, target_power_state: null, last_error: null })
    expect(await seenPower()).toBe(state.slice('power '.length))
  })

  it('gets a boot device, which both read back', async () => {
    await cli.run('baremetal', 'node', 'boot', 'device', 'set', node, 'cdrom', '--persistent')
    expect(await sim.ipmitool('chassis', 'bootparam', 'get', '5')).toContain('CD/DVD')
    const seen = await cli.json('baremetal', 'node', 'boot', 'device', 'show', node)
    expect(seen).toMatchObject({ boot_device: 'cdrom' })
  })

  it('says what its management has not', async () => {
    await cli.run('baremetal', 'node', 'boot', 'mode', 'set', node, 'uefi')
    const error = 'Driver ipmi does not support set_boot_mode (disabled or not implemented).'
    await rests({ last_error: expect.stringContaining(error) })
  })

  it('names what the BMC answered when it refuses an NMI', async () => {
    const ran = await cli.try('baremetal', 'node', 'inject', 'nmi', node)
    expect(ran.stderr).toContain('IPMI call failed: power diag.')
    expect(ran.stderr).toContain(`ipmi://127.0.0.1:${bmcPort}`)
    expect(ran.stderr).toContain('Invalid data field in request')
    expect(ran.stderr).not.toContain('secret')
  })

  it('sends raw bytes', async () => {
    const call = ['baremetal', 'node', 'passthru', 'call', node, 'send_raw']
    await cli.run(...call, '--arg', 'raw_bytes=0x00 0x04 0x21 0x00')
    await expect.poll(() => sim.changes().at(-1), wait).toBe('set identify 33 0')
    const bad = await cli.try(...call, '--arg', 'raw_bytes=0x00 zz')
    expect(bad.stderr).toContain('"zz" is no byte')
  })

  it('has a console', async () => {
    await cli.run('baremetal', 'node', 'console', 'enable', node)
    const look = () => cli.json('baremetal', 'node', 'console', 'show', node)
    const info = { type: 'socat', url: 'tcp://127.0.0.1:23130' }
    await expect.poll(look, wait).toEqual({ console_enabled: true, console_info: info })
    expect(await talk()).toContain('login:')
    await cli.run('baremetal', 'node', 'console', 'disable', node)
    await expect.poll(look, wait).toEqual({ console_enabled: false, console_info: null })
    await expect(talk()).rejects.toThrow('ECONNREFUSED')
  })

  it('says in last_error what was tried on what BMC, and what it answered', async () => {
    const set = ['baremetal', 'node', 'set', node, '--driver-info']
    await cli.run(...set, 'ipmi_password=guess')
    await cli.run('baremetal', 'node', 'power', 'on', node)
    await rests({ target_power_state: null, last_error: expect.stringContaining('IPMI call') })
    const { last_error: said } = await show(walker, node)
    expect(said).toContain(
      `IPMI call failed: power status. BMC ipmi://127.0.0.1:${bmcPort}: the BMC knows another password`,
    )
    expect(said).not.toContain('guess')
  })
})

/** Connects to the console, types, and returns what the machine then says. */
async function talk(): Promise<string> {
  const socket = connect(23130, '127.0.0.1')
  let seen = ''
  socket.on('data', (bytes) => (seen += bytes.toString()))
  try {
    await new Promise<void>((resolve, reject) =>
      socket.once('connect', resolve).once('error', reject),
    )
    typed = ''
    socket.write('\r')
    await expect.poll(() => typed, { timeout: 8000 }).toContain('\r')
    line?.write('login: ')
    await expect.poll(() => seen, { timeout: 8000 }).toContain('login:')
    return seen
  } finally {
    socket.destroy()
  }
}
