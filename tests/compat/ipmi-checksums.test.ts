// A BMC whose firmware computes the checksums inside its signed answers wrongly. `ipmitool` reads
// it, and so does Ferric: the signature has already proved the message.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { chassisStatus } from '../../src/protocols/ipmi/commands/chassis.js'
import { deviceId } from '../../src/protocols/ipmi/commands/device.js'
import { IpmiResponder } from '../_util/ipmi-responder.js'
import { clientTo, withClient } from './ipmi/clients.js'

async function ipmitool(port: number, suite: number, ...command: string[]): Promise<string> {
  const to = ['-I', 'lanplus', '-H', '127.0.0.1', '-p', String(port), '-C', String(suite)]
  const as = ['-U', 'admin', '-P', 'secret']
  const { stdout } = await promisify(execFile)('ipmitool', [...to, ...as, ...command], {
    timeout: 30_000,
  })
  return stdout
}

describe.each([3, 17])('with wrong checksums and cipher suite %i', (suite) => {
  it('gives Ferric and ipmitool the same answers', async () => {
    await using bmc = await IpmiResponder.start({ wrongChecksums: true })
    bmc.power = true
    expect(await ipmitool(bmc.port, suite, 'power', 'status')).toBe('Chassis Power is on\n')
    const client = () => clientTo(bmc.port, { suites: [suite] }, 200)
    const status = await withClient(client(), chassisStatus, 5_000)
    expect(status.powerOn).toBe(true)
    const { productId } = await withClient(client(), deviceId, 5_000)
    expect(await ipmitool(bmc.port, suite, 'mc', 'info')).toContain(
      `Product ID                : ${productId}`,
    )
  }, 60_000)
})

it('does not trust a wrong checksum where nothing is signed', async () => {
  await using bmc = await IpmiResponder.start({ wrongChecksums: true, suites: [1] })
  const work = withClient(clientTo(bmc.port, { suites: [1] }, 50), chassisStatus, 1_000)
  await expect(work).rejects.toMatchObject({ name: 'IpmiTimeout' })
})
