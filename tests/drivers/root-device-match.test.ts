import { describe, expect, it } from 'vitest'
import { matchRootDevice } from '../../src/drivers/driver-info/root-device-match.js'

const gib = 1024 ** 3
const small = {
  name: '/dev/sda',
  size: 20 * gib + 5,
  model: 'Fast Disk 100',
  vendor: 'ACME',
  serial: 'AB12',
  wwn: '0x5000',
  rotational: false,
  hctl: '0:0:0:0',
  by_path: '/dev/disk/by-path/pci-1',
}
const large = { name: '/dev/sdb', size: 2000 * gib, model: 'Slow Disk', rotational: true }

describe('root device hints', () => {
  it.each([
    [{ size: 20 }, '/dev/sda'],
    [{ size: '== 20' }, '/dev/sda'],
    [{ size: '= 21' }, '/dev/sdb'],
    [{ size: '> 20' }, '/dev/sdb'],
    [{ size: '>= 20' }, '/dev/sda'],
    [{ size: '< 20' }, null],
    [{ size: '<= 20' }, '/dev/sda'],
    [{ size: '!= 20' }, '/dev/sdb'],
    [{ size: '<or> 30 <or> 2000' }, '/dev/sdb'],
    [{ size: '<range-in> [ 20 30 ]' }, '/dev/sda'],
    [{ size: '<range-in> ( 20 3000 ]' }, '/dev/sdb'],
    [{ size: '<range-in> 20' }, null],
    [{ model: 'fast disk 100' }, '/dev/sda'],
    [{ model: 'fast%20disk%20100' }, '/dev/sda'],
    [{ model: 'fast' }, null],
    [{ model: '<in> slow' }, '/dev/sdb'],
    [{ model: '<all-in> disk <all-in> 100' }, '/dev/sda'],
    [{ model: '<or> slow disk <or> other' }, '/dev/sdb'],
    [{ model: 's== slow disk' }, '/dev/sdb'],
    [{ model: 's!= fast disk 100' }, '/dev/sdb'],
    [{ model: 's< g' }, '/dev/sda'],
    [{ model: 's> g' }, '/dev/sdb'],
    [{ model: 's>= slow disk' }, '/dev/sdb'],
    [{ model: 's<= fast disk 100' }, '/dev/sda'],
    [{ model: '100%' }, null],
    [{ vendor: 'acme', serial: 'ab12', wwn: '0x5000' }, '/dev/sda'],
    [{ vendor: 'acme', serial: 'other' }, null],
    [{ rotational: true }, '/dev/sdb'],
    [{ rotational: 'false' }, '/dev/sda'],
    [{ hctl: '0:0:0:0' }, '/dev/sda'],
    [{ by_path: '/dev/disk/by-path/pci-1' }, '/dev/sda'],
    [{ name: 's== /dev/sdb' }, '/dev/sdb'],
    [{}, '/dev/sda'],
  ])('%j chooses %s', (hints, name) => {
    expect(matchRootDevice([small, large], hints)?.['name'] ?? null).toBe(name)
  })
})
