import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/db/columns.js'
import { validateRaidConfiguration } from '../../src/drivers/raid/validate.js'
import { testTask } from './_util/task.js'

const disk = { raid_level: '1', size_gb: 100 }
const message = (config: JsonObject): string => {
  try {
    validateRaidConfiguration(config)
  } catch (error) {
    return (error as Error).message
  }
  return 'valid'
}
const schema = (text: string): string => `RAID config validation error: ${text}`
const disks = (...items: unknown[]): JsonObject => ({ logical_disks: items })

describe('a RAID configuration', () => {
  it.each<[string, JsonObject]>([
    ['one disk', disks(disk)],
    ['the rest of the space', disks({ ...disk, size_gb: 'MAX' })],
    [
      'every key',
      disks({
        ...disk,
        volume_name: 'a',
        is_root_volume: true,
        share_physical_disks: false,
        disk_type: 'ssd',
        interface_type: 'sas',
        number_of_physical_disks: 2,
        controller: 'c',
        physical_disks: ['a', 'b'],
      }),
    ],
    ['disks by hints', disks({ ...disk, controller: 'software', physical_disks: [{}, {}] })],
    ['one root volume of two', disks({ ...disk, is_root_volume: true }, disk)],
  ])('may have %s', (_scenario, config) => {
    expect(message(config)).toBe('valid')
  })

  it.each<[string, JsonObject, string]>([
    ['no disks', {}, schema("'logical_disks' is a required property")],
    ['an empty list', disks(), schema('[] should be non-empty')],
    ['another type', { logical_disks: 'x' }, schema("'x' is not of type 'array'")],
    [
      'another key',
      { logical_disks: [disk], a: 1 },
      schema("Additional properties are not allowed ('a' was unexpected)"),
    ],
    ['a disk that is none', disks(1), schema("1 is not of type 'object'")],
    ['no level', disks({ size_gb: 1 }), schema("'raid_level' is a required property")],
    ['no size', disks({ raid_level: '1' }), schema("'size_gb' is a required property")],
    [
      'an unknown level',
      disks({ ...disk, raid_level: '9' }),
      schema("'9' is not one of ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0']"),
    ],
    [
      'a level that is a number',
      disks({ ...disk, raid_level: 1 }),
      schema("1 is not of type 'string'"),
    ],
    [
      'a negative size',
      disks({ ...disk, size_gb: -1 }),
      schema('-1 is less than the minimum of 0'),
    ],
    ['an unknown size', disks({ ...disk, size_gb: 'x' }), schema("'x' is not one of ['MAX']")],
    [
      'half a gigabyte',
      disks({ ...disk, size_gb: 0.5 }),
      schema('0.5 is not valid under any of the given schemas'),
    ],
    [
      'no physical disk',
      disks({ ...disk, number_of_physical_disks: 0 }),
      schema('0 is less than or equal to the minimum of 0'),
    ],
    [
      'physical disks without their controller',
      disks({ ...disk, physical_disks: ['a'] }),
      schema("'controller' is a dependency of 'physical_disks'"),
    ],
    [
      'unknown keys of a disk',
      disks({ ...disk, a: 1, b: 2 }),
      schema("Additional properties are not allowed ('a', 'b' were unexpected)"),
    ],
    [
      'two root volumes',
      disks({ ...disk, is_root_volume: true }, { ...disk, is_root_volume: true }),
      'Raid config cannot have more than one root volume. 2 root volumes were specified',
    ],
  ])('may not have %s', (_scenario, config, text) => {
    expect(message(config)).toBe(text)
  })

  it('is checked on the node, unless it is empty', async () => {
    const bad = await testTask({ node: { targetRaidConfig: disks() } })
    await expect(bad.driver.raid.validate(bad)).rejects.toThrow('[] should be non-empty')
    const none = await testTask({ node: { targetRaidConfig: {} } })
    await expect(none.driver.raid.validate(none)).resolves.toBeUndefined()
  })
})
