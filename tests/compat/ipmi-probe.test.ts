// `ferric bmc` on a real BMC of each kind: OpenIPMI's simulator and sushy-tools' emulator.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/main.js'
import { defaultConfig } from '../../src/config/index.js'
import { openDatabase } from '../../src/db/client.js'
import { rawRows } from '../../src/db/raw-rows.js'
import { migrate } from '../../src/db/migrate.js'
import { nodes } from '../../src/db/schema/index.js'
import type { BmcReport } from '../../src/drivers/bmc/probe/report.js'
import { IpmiSim } from '../_util/peers/ipmi-sim.js'
import { servePeers, type Peers } from '../_util/peers/serve.js'
import { log } from '../drivers/_util/task.js'

const port = 23181
let home: string
let conf: string
let sim: IpmiSim
let peers: Peers

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'ferric-probe-'))
  conf = join(home, 'ironic.conf')
  writeFileSync(conf, `[DEFAULT]\nstate_path = ${home}/state\n`)
  sim = await IpmiSim.start({ port })
  peers = await servePeers(['redfish-emulator'])
  const [peer] = peers.peers
  const ipmi = { ipmi_address: '127.0.0.1', ipmi_port: port, ipmi_username: 'admin' }
  const account = { redfish_username: peer?.username, redfish_password: peer?.password }
  const redfish = { redfish_address: peer?.url, ...account }
  await enroll([
    { name: 'by-ipmi', driver: 'ipmi', driverInfo: { ...ipmi, ipmi_password: 'secret' } },
    { name: 'locked-out', driver: 'ipmi', driverInfo: { ...ipmi, ipmi_password: 'guess' } },
    { name: 'by-redfish', driver: 'redfish', driverInfo: redfish },
    { name: 'by-hand', driver: 'manual-management', driverInfo: {} },
  ])
}, 120_000)
afterAll(async () => {
  await peers?.[Symbol.asyncDispose]()
  await sim?.[Symbol.asyncDispose]()
  rmSync(home, { recursive: true, force: true })
})

type Enrolled = Pick<typeof nodes.$inferInsert, 'name' | 'driver' | 'driverInfo'>

async function enroll(given: Enrolled[]): Promise<void> {
  const config = defaultConfig({ DEFAULT: { state_path: join(home, 'state') } })
  await using db = await openDatabase(config, log.db)
  await migrate(db)
  const uuid = (n: number) => `1be26c0b-03f2-4d2e-ae87-c02d7f33c12${n}`
  const rows = given.map((one, n) => ({ ...one, uuid: uuid(n), provisionState: 'manageable' }))
  await db.orm.insert(nodes).values(rows)
}

/** What the timeline says of a node's BMC. */
async function eventsOf(name: string): Promise<string[]> {
  const config = defaultConfig({ DEFAULT: { state_path: join(home, 'state') } })
  await using db = await openDatabase(config, log.db)
  const rows = await rawRows<{ summary: string }>(
    db.orm,
    sql`select t.summary from ferric_timeline t join nodes n on n.id = t.node_id
    where n.name = ${name} and t.kind = 'bmc' order by t.at`,
  )
  return rows.map(({ summary }) => summary)
}

interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

const probe = (...words: string[]): Promise<Said> => bmc('probe', ...words)
const sel = (...words: string[]): Promise<Said> => bmc('sel', ...words)

async function bmc(...words: string[]): Promise<Said> {
  let [out, err] = ['', '']
  const terminal = {
    out: (text: string) => void (out += text),
    err: (text: string) => void (err += text),
  }
  const code = await main(['bmc', ...words, '--config-file', conf], {}, terminal)
  return { code, out, err }
}

describe('ferric bmc probe', { timeout: 60_000 }, () => {
  it('says what an IPMI BMC is, as ipmitool sees it, and changes nothing', async () => {
    const before = sim.changes()
    const { code, out } = await probe('by-ipmi', '--json')
    expect(code).toBe(0)
    const report = JSON.parse(out) as BmcReport
    const seen = await sim.ipmitool('mc', 'info')
    const { manufacturer_id: id, firmware } = report.identity
    expect(seen).toContain(`Manufacturer ID           : ${String(id)}\n`)
    expect(seen).toContain(`Firmware Revision         : ${String(firmware)}\n`)
    const power = await sim.ipmitool('power', 'status')
    expect(power.trim()).toBe(
      `Chassis ${String(report.machine['power_state']).replace('p', 'P').replace('r ', 'r is ')}`,
    )
    expect(report).toMatchObject({
      protocol: 'ipmi',
      bmc: `ipmi://127.0.0.1:${port}`,
      session: { answers_ping: true, cipher_suite_used: 3, privilege_level: 'ADMINISTRATOR' },
      supports: { power: true, boot_device: true, sensors: true, fru: true, event_log: true },
      machine: { fru: { product: { product: 'Server', serialNumber: 'SER9' } } },
    })
    expect(Object.keys(report.timings)).toContain('session and device id')
    expect(sim.changes()).toEqual(before)
    expect(out).not.toContain('secret')
  })

  it('says it to humans too', async () => {
    const { code, out } = await probe('1be26c0b-03f2-4d2e-ae87-c02d7f33c120')
    expect(code).toBe(0)
    expect(out).toContain(`ipmi://127.0.0.1:${port}, the BMC of by-ipmi`)
    expect(out).toMatch(/cipher_suite_used +3\n/)
    expect(out).toMatch(/fru\.product\.serialNumber +SER9\n/)
    expect(out).not.toContain('secret')
  })

  it('says what a Redfish BMC is', async () => {
    const { code, out } = await probe('by-redfish', '--json')
    expect(code).toBe(0)
    const report = JSON.parse(out) as BmcReport
    expect(report).toMatchObject({
      protocol: 'redfish',
      supports: { power: true, boot_device: true, bios: true, virtual_media: true },
      machine: { power_state: expect.stringMatching(/^O(n|ff)$/) as string },
    })
    expect(out).not.toContain(peers.peers[0]?.password)
  })

  it.each([
    ['locked-out', 'the BMC knows another password for this user'],
    ['by-hand', 'Driver manual-management does not support bmc probe'],
    ['nobody', 'There is no node nobody'],
  ])('%s: says why not', async (node, why) => {
    const { code, err, out } = await probe(node)
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(why)
    expect(err).not.toContain('guess')
  })
})

describe('ferric bmc sel', { timeout: 60_000 }, () => {
  /** A temperature passes its upper critical threshold, as an event of the platform. */
  const tooHot = '0x0a 0x44 0 0 0x02 0 0 0 0 0x20 0 4 1 1 1 0x59 0x70 0x60'
  const oem = '0x0a 0x44 0 0 0xe1 1 2 3 4 5 6 7 8 9 10 11 12 13'
  const ofTool = async () => (await sim.ipmitool('sel', 'list')).trim().split('\n')

  beforeAll(async () => {
    await sim.ipmitool('raw', ...tooHot.split(' '))
    await sim.ipmitool('raw', ...oem.split(' '))
  })

  it('lists what ipmitool lists, and leaves it there', async () => {
    const { code, out, err } = await sel('by-ipmi')
    expect([code, err]).toEqual([0, ''])
    const [head = '', ...lines] = out.trimEnd().split('\n')
    const seen = await ofTool()
    expect(seen.length).toBeGreaterThanOrEqual(3)
    expect(head).toContain(`ipmi://127.0.0.1:${port}, the BMC of by-ipmi`)
    expect(head).toContain(`: ${seen.length} entries`)
    const ids = (list: string[]) => list.map((line) => Number.parseInt(line.trim(), 16))
    expect(ids(lines)).toEqual(ids(seen))
    expect(lines.at(-2)).toContain('Temperature #0x01  Upper Critical going high  asserted')
    expect(seen.at(-2)).toContain('Temperature')
    expect(seen.at(-2)).toContain('Upper Critical going high')
    expect(lines.at(-1)).toContain('0102030405060708090a0b0c0d')
    expect(await ofTool()).toEqual(seen)
  })

  it('empties it when asked, showing what it had, and says so in the timeline', async () => {
    const seen = await ofTool()
    const { code, out } = await sel('by-ipmi', '--clear', '--json')
    expect(code).toBe(0)
    const report = JSON.parse(out) as { cleared: boolean; entries: unknown[] }
    expect(report).toMatchObject({ bmc: `ipmi://127.0.0.1:${port}`, cleared: true })
    expect(report.entries).toHaveLength(seen.length)
    expect(await sim.ipmitool('sel', 'info')).toMatch(/^Entries +: 0$/m)
    expect((await sel('by-ipmi')).out).toContain(': 0 entries')
    expect(await eventsOf('by-ipmi')).toEqual([
      `the event log of the BMC was cleared; it had ${seen.length} entries`,
    ])
    expect(out).not.toContain('secret')
  })

  it.each([
    ['locked-out', 'the BMC knows another password for this user'],
    ['by-redfish', 'Driver redfish does not support bmc sel'],
    ['by-hand', 'Driver manual-management does not support bmc sel'],
  ])('%s: says why not', async (node, why) => {
    const { code, err, out } = await sel(node, '--clear')
    expect([code, out]).toEqual([1, ''])
    expect(err).toContain(why)
  })
})
