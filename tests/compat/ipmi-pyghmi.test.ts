// A second BMC, by other people than OpenIPMI's: pyghmi's, as virtualbmc and sushy-tools' users run it.
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bootFlags, bootSelectors, setBootFlags } from '../../src/protocols/ipmi/commands/boot.js'
import { chassisControl, chassisStatus } from '../../src/protocols/ipmi/commands/chassis.js'
import { deviceId } from '../../src/protocols/ipmi/commands/device.js'
import { freePort } from '../_util/peers/cluster.js'
import { pythonPeer } from '../_util/peers/installed.js'
import { root } from '../_util/peers/root.js'
import { until } from '../_util/peers/until.js'
import { clientTo, failure, withClient } from './ipmi/clients.js'

let port: number
let bmc: ChildProcess
let said = ''
const lastSaid = () => said.trim().split('\n').at(-1)

beforeAll(async () => {
  const { python } = await pythonPeer('pyghmi')
  port = await freePort()
  const script = join(root, 'tests', '_util', 'peers', 'pyghmi_bmc.py')
  bmc = spawn(python, [script, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  bmc.stdout?.on('data', (bytes: Buffer) => (said += bytes.toString()))
  const ready = () => Promise.resolve(said.includes('ready') ? true : undefined)
  await until(ready, { what: "an answer of pyghmi's BMC", timeoutMs: 30_000 })
}, 180_000)
afterAll(() => {
  bmc?.kill('SIGKILL')
})

it.each([
  ['on', true, 'power on'],
  ['reset', true, 'reset'],
  ['soft', false, 'shutdown'],
  ['on', true, 'power on'],
  ['off', false, 'power off'],
] as const)('power %s', async (action, on, told) => {
  await withClient(clientTo(port), async (to) => {
    await chassisControl(to, action)
    expect((await chassisStatus(to)).powerOn).toBe(on)
  })
  await expect.poll(lastSaid).toBe(told)
})

it('is told what to boot from, and says what it is', async () => {
  await withClient(clientTo(port), async (to) => {
    await setBootFlags(to, { persistent: false, uefi: false, selector: bootSelectors.pxe })
    expect(await bootFlags(to)).toMatchObject({ valid: true, selector: bootSelectors.pxe })
    expect(await deviceId(to)).toMatchObject({ ipmiVersion: '2.0' })
  })
  await expect.poll(lastSaid).toBe('boot network')
})

it.each([
  ['a wrong password', { password: 'wrong' }, 'IpmiAuthenticationError'],
  ['a cipher suite it has not', { suites: [17] }, 'IpmiCipherSuiteError'],
])('%s is named, at once', async (_what, parts, name) => {
  const seen = await failure(() => withClient(clientTo(port, parts), chassisStatus, 8000))
  expect(seen.name).toBe(name)
  expect(seen.ms).toBeLessThan(4000)
})
