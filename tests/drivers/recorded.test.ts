import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  getDriverProperties,
  getRaidLogicalDiskProperties,
} from '../../src/conductor/operations/drivers.js'
import { defaultConfig } from '../../src/config/index.js'
import type { AppContext } from '../../src/context.js'
import { interfaceKinds } from '../../src/drivers/interfaces.js'
import { createDriverRegistry } from '../../src/drivers/registry.js'
import { log } from './_util/task.js'

interface Recorded {
  readonly driver?: Record<string, unknown>
  readonly properties?: Record<string, string>
  readonly raid?: Record<string, string>
}

/** What a real Ironic answered (conformance recording of API 1.115), by driver. */
const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/recorded-drivers.json'), 'utf8'),
) as Record<string, Recorded>

/** The recording's `ironic.conf`. */
const config = defaultConfig({
  DEFAULT: {
    enabled_hardware_types: ['fake-hardware', 'ipmi', 'manual-management'],
    enabled_bios_interfaces: ['no-bios', 'fake'],
    enabled_boot_interfaces: ['fake', 'pxe', 'ipxe'],
    enabled_console_interfaces: ['no-console', 'fake'],
    enabled_deploy_interfaces: ['fake', 'direct', 'ramdisk', 'custom-agent'],
    enabled_inspect_interfaces: ['no-inspect', 'fake'],
    enabled_management_interfaces: ['fake', 'noop', 'ipmitool'],
    enabled_network_interfaces: ['noop'],
    default_network_interface: 'noop',
    enabled_power_interfaces: ['fake', 'agent', 'ipmitool'],
    enabled_raid_interfaces: ['no-raid', 'fake', 'agent'],
    enabled_rescue_interfaces: ['no-rescue', 'fake', 'agent'],
    enabled_storage_interfaces: ['noop', 'fake'],
    enabled_vendor_interfaces: ['no-vendor', 'fake'],
    enabled_firmware_interfaces: ['no-firmware', 'fake'],
  },
})
const drivers = await createDriverRegistry(config, log.drivers)
const ctx = { config, drivers } as AppContext

const having = <K extends keyof Recorded>(key: K) =>
  Object.entries(recorded).flatMap(([name, answer]) => {
    const found = answer[key]
    return found === undefined ? [] : [[name, found] as const]
  })

describe('as a real Ironic recorded it', () => {
  it.each(having('properties'))('%s has the properties, text by text', (name, answer) => {
    const properties = getDriverProperties(ctx, name)
    expect(Object.keys(properties).toSorted()).toEqual(Object.keys(answer).toSorted())
    for (const [key, text] of Object.entries(answer)) {
      // The recorder blanks texts that depend on which interface answers last, and durations.
      if (text === '<DESCRIPTION>') continue
      expect(properties[key]?.replace('60 second', '<DUR>')).toBe(text)
    }
  })

  it.each(having('raid'))('%s has the logical disk properties', (name, answer) => {
    expect(getRaidLogicalDiskProperties(ctx, name)).toEqual(answer)
  })

  it.each(having('driver'))('%s has the defaults and the enabled interfaces', (name, answer) => {
    const own = Object.fromEntries(
      interfaceKinds.flatMap((kind) => [
        [`default_${kind}_interface`, drivers.defaultFor(name, kind)],
        [`enabled_${kind}_interfaces`, drivers.enabled(name, kind)],
      ]),
    )
    expect(own).toEqual(answer)
  })

  it('fake-hardware reads the keys of its vendor interface alone', () => {
    expect(getDriverProperties(ctx, 'fake-hardware')).toEqual({
      B1: 'B1 description. Required.',
      B2: 'B2 description. Required.',
    })
  })
})
