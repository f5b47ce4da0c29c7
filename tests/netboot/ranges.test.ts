import { expect, it } from 'vitest'
import { inRange, networkOf, readRange } from '../../src/netboot/ranges.js'

it.each([
  ['192.0.2.1', 'is not FIRST-LAST/PREFIX'],
  ['192.0.2.1-2001:db8::1/24', 'is not FIRST-LAST/PREFIX'],
  ['192.0.2.9-192.0.2.1/24', 'is not a range of one network'],
  ['192.0.2.1-192.0.3.9/24', 'is not a range of one network'],
  ['192.0.2.1-192.0.2.9/33', 'is not a range of one network'],
  ['192.0.2.1-192.0.2.9/24,gateway=192.0.2.1', 'gateway=192.0.2.1 in'],
])('refuses the range %s', (text, reason) => {
  expect(() => readRange(text)).toThrow(reason)
})

it.each([
  ['192.0.2.100-192.0.2.110/24', '192.0.2.0/24', '192.0.2.110', '192.0.2.111'],
  ['10.1.255.1-10.2.0.9/14', '10.0.0.0/14', '10.2.0.0', '10.2.0.10'],
  ['2001:db8::10-2001:db8::1f/64', '2001:db8::/64', '2001:db8::1f', '2001:db8::20'],
])('knows the network and the bounds of %s', (text, network, inside, outside) => {
  const range = readRange(text)
  expect(networkOf(range)).toBe(network)
  expect(inRange(range, inside)).toBe(true)
  expect(inRange(range, outside)).toBe(false)
  expect(inRange(range, network.includes(':') ? '192.0.2.1' : '2001:db8::10')).toBe(false)
})
