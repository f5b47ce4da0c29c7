// Consoles of machines, by Serial over LAN on OpenIPMI's simulator, through the deaths of the conductor.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFerric, type Ferric } from '../_util/peers/ferric.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { Rest } from '../_util/peers/rest.js'
import { until } from '../_util/peers/until.js'

const bmcPort = 23151
const serialPort = 23152
const conf = {
  DEFAULT: {
    enabled_hardware_types: 'ipmi',
    enabled_management_interfaces: 'ipmitool',
    enabled_power_interfaces: 'ipmitool',
    enabled_vendor_interfaces: 'ipmitool',
    enabled_console_interfaces: 'ipmitool-socat,no-console',
  },
  conductor: { automated_clean: 'false', sync_power_state_interval: '2' },
  ipmi: { min_command_interval: '0', command_retry_timeout: '10' },
  console: { port_range: '23160:23169', socat_address: '127.0.0.1' },
}

let sim: IpmiSim
let ferric: Ferric
let rest: Rest
let serial: Server
let line: Socket | null = null
let typed = ''
const nodes: string[] = []

interface Shown {
  readonly console_enabled: boolean
  readonly console_info: { readonly url: string } | null
}
const shown = (uuid: string) => rest.must<Shown>('GET', `/nodes/${uuid}/states/console`)
const wait = { timeout: 25_000, interval: 100 }

beforeAll(async () => {
  serial = createServer((socket) => {
    line = socket
    socket.on('data', (bytes) => (typed += bytes.toString()))
  })
  await new Promise<void>((resolve) => serial.listen(serialPort, '127.0.0.1', resolve))
  sim = await IpmiSim.start({ port: bmcPort, serialPort })
  ferric = await startFerric('embedded', conf)
  rest = new Rest(ferric.url)
  for (let n = 0; n < 3; n += 1) {
    const access = { ipmi_username: 'admin', ipmi_password: 'secret', ipmi_port: bmcPort }
    const info = { ipmi_address: '127.0.0.1', ...access }
    const body = { driver: 'ipmi', name: `console-${n}`, driver_info: info }
    nodes.push((await rest.must<{ uuid: string }>('POST', '/nodes', body)).uuid)
  }
  for (const uuid of nodes) {
    await rest.must('PUT', `/nodes/${uuid}/states/console`, { enabled: true })
    await until(async () => ((await shown(uuid)).console_enabled ? true : undefined), {
      what: `the console of ${uuid}`,
      timeoutMs: 40_000,
    })
  }
}, 180_000)
afterAll(async () => {
  await ferric?.[Symbol.asyncDispose]()
  await sim?.[Symbol.asyncDispose]()
  line?.destroy()
  serial.close()
}, 60_000)

async function urls(): Promise<string[]> {
  return await Promise.all(nodes.map(async (uuid) => (await shown(uuid)).console_info?.url ?? ''))
}

function dial(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  return new Promise((resolve, reject) =>
    socket.once('connect', () => resolve(socket)).once('error', reject),
  )
}

/** Types on a console and reads what the machine answers. */
async function talk(socket: Socket, word: string): Promise<void> {
  let seen = ''
  const hear = (bytes: Buffer): void => void (seen += bytes.toString())
  socket.on('data', hear)
  typed = ''
  socket.write(`${word}\r`)
  await expect.poll(() => typed, wait).toContain(`${word}\r`)
  line?.write(`you typed ${word}\n`)
  await expect.poll(() => seen, wait).toContain(`you typed ${word}`)
  socket.off('data', hear)
}

describe('consoles come back when the conductor does', { timeout: 300_000 }, () => {
  it.each([
    ['SIGTERM', 0],
    ['SIGKILL', 1],
    ['SIGKILL', 2],
  ] as const)('%s, with somebody at it and a change of power under way: %i', async (signal, at) => {
    const before = await urls()
    const socket = await dial(before[at] ?? '')
    await talk(socket, `before-${signal}-${at}`)
    const target = at % 2 === 0 ? 'power on' : 'power off'
    await rest.must('PUT', `/nodes/${nodes[at]}/states/power`, { target })
    await ferric.end(signal)
    socket.destroy()
    await ferric.start()
    const ends = await Promise.all(
      before.map(async (url) => {
        await expect
          .poll(() => dial(url).then((s) => s.destroy() && 'open', String), wait)
          .toBe('open')
        return url
      }),
    )
    expect(await urls()).toEqual(ends)
    await sleep(300)
    const again = await dial(before[at] ?? '')
    await talk(again, `after-${signal}-${at}`)
    again.destroy()
  })
})
