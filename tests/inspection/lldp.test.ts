import { describe, expect, it } from 'vitest'
import { readTlvs } from '../../src/conductor/inspection/hooks/lldp-tlvs.js'

const cases: readonly [string, unknown, Record<string, unknown>][] = [
  ['a chassis by its MAC', [[1, '04885a92ec5459']], { switch_chassis_id: '88:5a:92:ec:54:59' }],
  ['a chassis by an address', [[1, '0501c0000201']], { switch_chassis_id: '192.0.2.1' }],
  ['a port by its name', [[2, '0545746865726e6574312f3138']], { switch_port_id: 'Ethernet1/18' }],
  ['a port by its MAC', [[2, '03885a92ec5460']], { switch_port_id: '88:5a:92:ec:54:60' }],
  [
    'texts',
    [
      [4, '6874'],
      [5, '737730'],
      [6, '4f53'],
    ],
    {
      switch_port_description: 'ht',
      switch_system_name: 'sw0',
      switch_system_description: 'OS',
    },
  ],
  [
    'capabilities',
    [[7, '00140014']],
    {
      switch_capabilities_support: ['Bridge', 'Router'],
      switch_capabilities_enabled: ['Bridge', 'Router'],
    },
  ],
  [
    'management addresses of two families',
    [
      [8, '0501c000020202000000010000'],
      [8, '110220010db8000000000000000000000001'],
    ],
    { switch_mgmt_addresses: ['192.0.2.2', '2001:db8::1'] },
  ],
  ['the untagged VLAN', [[127, '0080c2010066']], { switch_port_untagged_vlan_id: 102 }],
  [
    'VLANs by name',
    [
      [127, '0080c20300650776'.concat('6c616e313031')],
      [127, '0080c20300660776'.concat('6c616e313032')],
    ],
    {
      switch_port_vlans: [
        { name: 'vlan101', id: 101 },
        { name: 'vlan102', id: 102 },
      ],
    },
  ],
  [
    'link aggregation',
    [[127, '0080c2070300000064']],
    {
      switch_port_link_aggregation_enabled: true,
      switch_port_link_aggregation_support: true,
      switch_port_link_aggregation_id: 100,
    },
  ],
  [
    'the medium',
    [[127, '00120f01036c110010']],
    {
      switch_port_autonegotiation_enabled: true,
      switch_port_autonegotiation_support: true,
      switch_port_physical_capabilities: [
        '100BASE-TX fdx',
        '100BASE-TX hdx',
        '10BASE-T fdx',
        '10BASE-T hdx',
        '1000BASE-T fdx',
        'Asym and Sym PAUSE fdx',
      ].toSorted(),
      switch_port_mau_type: '100BASE-TX full duplex',
    },
  ],
  ['the MTU', [[127, '00120f0405ea']], { switch_port_mtu: 1514 }],
]

/** What no switch sends, and nobody may fall over. */
const nonsense: readonly [string, unknown][] = [
  ['no list', 'x'],
  ['no pairs', [1, null, ['1', '04']]],
  ['no hexadecimal', [[1, 'zz']]],
  ['an odd digit', [[1, '048']]],
  ['an empty value', [[1, '']]],
  ['a MAC that is cut', [[1, '04885a']]],
  ['an address that is cut', [[1, '0502c000']]],
  ['a name longer than its TLV', [[127, '0080c2030065ff76']]],
  ['capabilities that are too long', [[7, '0014001400']]],
  ['text that is no UTF-8', [[5, 'fffe']]],
  ['a TLV longer than any', [[5, '61'.repeat(512)]]],
  ['an unknown organisation', [[127, 'ffffff01aa']]],
  ['an organisation that is cut', [[127, '0080']]],
  ['an unknown medium', [[127, '00120f01036c11ffff']]],
]

describe('LLDP', () => {
  it.each(cases)('is read: %s', (_scenario, tlvs, expected) => {
    expect(readTlvs(tlvs)).toEqual(expected)
  })

  it.each(nonsense)('is left out: %s', (_scenario, tlvs) => {
    expect(readTlvs(tlvs)).toEqual({})
  })

  it('counts the first of several single values', () => {
    expect(
      readTlvs([
        [5, '61'],
        [5, '62'],
      ]),
    ).toEqual({ switch_system_name: 'a' })
  })

  it('stops at as many TLVs as a frame has room for', () => {
    const many = Array.from({ length: 5000 }, () => [8, '0501c0000202'])
    expect((readTlvs(many)['switch_mgmt_addresses'] as string[]).length).toBe(512)
  })
})
