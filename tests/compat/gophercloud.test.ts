// gophercloud's own acceptance tests for bare metal: what passes on a real Ironic passes here.
// `FERRIC_TARGETS=ironic-newest FERRIC_RECORD=1` writes down anew what passes on the real one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import { describe, expect, it } from 'vitest'
import { serveCatalogue } from '../_util/peers/catalogue.js'
import { startTarget, type TargetName } from '../_util/peers/target.js'
import type { ConfChanges } from '../../scripts/peers/conf.mjs'
import { root } from '../_util/peers/root.js'
import { runGoTests, type Outcomes } from './gophercloud/run.js'

const targets = (process.env.FERRIC_TARGETS?.split(',') ?? ['embedded']) as TargetName[]
const passesFile = join(root, 'tests', 'compat', 'gophercloud', 'passes.json')
const user = { name: 'someone', password: 'the-password' }

/** The tests enroll `ipmi` machines that nobody talks to, and fake ones that they deploy. */
const hardware: ConfChanges = {
  DEFAULT: {
    enabled_hardware_types: 'ipmi,fake-hardware',
    enabled_boot_interfaces: 'fake,ipxe,pxe',
    enabled_management_interfaces: 'fake,noop,ipmitool',
    enabled_power_interfaces: 'fake,ipmitool',
    enabled_raid_interfaces: 'no-raid,fake,agent',
  },
}

/** The same, for those who know the password in the file. */
const guarded = (file: string): ConfChanges => ({
  ...hardware,
  DEFAULT: {
    ...hardware['DEFAULT'],
    auth_strategy: 'http_basic',
    http_basic_auth_user_file: file,
  },
})

async function open(name: TargetName): Promise<Outcomes[]> {
  await using target = await startTarget(name, hardware)
  await using catalogue = await serveCatalogue(target.url)
  const identity = { OS_AUTH_URL: `${catalogue.url}/v3`, OS_REGION_NAME: 'one' }
  const who = { OS_USERNAME: user.name, OS_PASSWORD: user.password, OS_DOMAIN_ID: 'default' }
  const where = { OS_PROJECT_NAME: 'somewhere', IRONIC_ENDPOINT: `${target.url}/v1` }
  const env = { ...identity, ...who, ...where }
  return [await runGoTests('v1', env), await runGoTests('noauth', env)]
}

async function withPassword(name: TargetName): Promise<Outcomes> {
  const dir = mkdtempSync(join(tmpdir(), 'ferric-htpasswd-'))
  try {
    const file = join(dir, 'htpasswd')
    // The real one reads only the prefix that Apache writes.
    const hashed = (await hash(user.password, 4)).replace('$2b$', '$2y$')
    writeFileSync(file, `${user.name}:${hashed}\n`)
    const secret = Buffer.from(`${user.name}:${user.password}`).toString('base64')
    const headers = { Authorization: `Basic ${secret}` }
    await using target = await startTarget(name, guarded(file), headers)
    const where = { IRONIC_ENDPOINT: `${target.url}/v1` }
    const env = { ...where, OS_USERNAME: user.name, OS_PASSWORD: user.password }
    return await runGoTests('httpbasic', env)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const passed = (outcomes: Outcomes): string[] =>
  Object.keys(outcomes)
    .filter((id) => outcomes[id]?.outcome === 'PASS')
    .toSorted()

describe.each(targets)('the acceptance tests of gophercloud (%s)', (name) => {
  it('pass as they do on a real Ironic', { timeout: 300_000 }, async () => {
    const outcomes: Outcomes = Object.assign({}, ...(await open(name)), await withPassword(name))
    const here = passed(outcomes)
    console.log(`${here.length} of ${Object.keys(outcomes).length} pass on ${name}`)
    if (process.env.FERRIC_RECORD) writeFileSync(passesFile, `${JSON.stringify(here, null, 2)}\n`)
    const wanted: string[] = JSON.parse(readFileSync(passesFile, 'utf8'))
    const lost = wanted.filter((id) => !here.includes(id))
    expect(lost.map((id) => [id, outcomes[id]?.said])).toEqual([])
  })
})
