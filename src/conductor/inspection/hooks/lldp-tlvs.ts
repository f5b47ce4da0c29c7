/**
 * LLDP TLVs (IEEE 802.1AB; 802.1Q annex D; 802.3 clause 79) as the names and values upstream gives
 * them (`inspector/lldp_parsers.py`). The bytes come from whoever is at the other end of the
 * cable: every length is checked, and what does not fit is left out.
 */
import { mauTypes, negotiated, switchCapabilities } from './lldp-names.js'

type Values = Map<string, unknown>

/** A TLV's length has nine bits; a frame has no room for more TLVs than this. */
const longestValue = 511
const mostTlvs = 512

/** Thrown inside only: the TLV is left out. */
class Malformed extends Error {}

/** Takes values off the front of the bytes. */
class Reader {
  #bytes: Buffer
  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }
  take(length: number): Buffer {
    if (this.#bytes.length < length) throw new Malformed()
    const taken = this.#bytes.subarray(0, length)
    this.#bytes = this.#bytes.subarray(length)
    return taken
  }
  u8(): number {
    return this.take(1).readUInt8()
  }
  u16(): number {
    return this.take(2).readUInt16BE()
  }
  u32(): number {
    return this.take(4).readUInt32BE()
  }
  rest(): Buffer {
    return this.take(this.#bytes.length)
  }
  /** Nothing may be left: the TLV has a fixed length. */
  end(): void {
    if (this.#bytes.length > 0) throw new Malformed()
  }
}

/**
 * Reads `[type, hexadecimal value]` pairs.
 * @returns values by upstream's names; of single ones the first counts
 */
export function readTlvs(tlvs: unknown): Record<string, unknown> {
  const values: Values = new Map()
  if (!Array.isArray(tlvs)) return {}
  for (const tlv of tlvs.slice(0, mostTlvs) as unknown[]) {
    const [type, hex] = Array.isArray(tlv) ? (tlv as unknown[]) : []
    if (typeof type !== 'number' || typeof hex !== 'string') continue
    if (!/^([0-9a-f]{2})*$/i.test(hex) || hex.length > longestValue * 2) continue
    try {
      basic[type]?.(new Reader(Buffer.from(hex, 'hex')), values)
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
    }
  }
  return Object.fromEntries(values)
}

type Parser = (bytes: Reader, values: Values) => void

function set(values: Values, name: string, value: unknown): void {
  if (!values.has(name)) values.set(name, value)
}
function append(values: Values, name: string, value: unknown): void {
  const list = values.get(name)
  if (Array.isArray(list)) list.push(value)
  else values.set(name, [value])
}

function text(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Malformed()
  }
}

const mac = (bytes: Reader): string =>
  [...bytes.take(6)].map((b) => b.toString(16).padStart(2, '0')).join(':')

const ipv4 = (bytes: Reader): string => [...bytes.take(4)].join('.')

function ipv6(bytes: Reader): string {
  const words = Array.from({ length: 8 }, () => bytes.u16().toString(16))
  return new URL(`http://[${words.join(':')}]`).hostname.slice(1, -1)
}

/** An address after its IANA family number; null of a family nobody reads. */
function address(bytes: Reader): string | null {
  switch (bytes.u8()) {
    case 1:
      return ipv4(bytes)
    case 2:
      return ipv6(bytes)
    case 6:
      return mac(bytes)
    default:
      return null
  }
}

/** Chassis and port ids: a subtype says what follows. */
const identity =
  (name: string, macType: number, addressType: number, texts: readonly number[]): Parser =>
  (bytes, values) => {
    const subtype = bytes.u8()
    if (subtype === macType) set(values, name, mac(bytes))
    else if (subtype === addressType) set(values, name, address(bytes))
    else if (texts.includes(subtype)) set(values, name, text(bytes.rest()))
  }

const wholeText =
  (name: string): Parser =>
  (bytes, values) =>
    set(values, name, text(bytes.rest()))

const number =
  (name: string): Parser =>
  (bytes, values) =>
    set(values, name, bytes.u16())

const linkAggregation: Parser = (bytes, values) => {
  const [status, port] = [bytes.u8(), bytes.u32()]
  bytes.end()
  set(values, 'switch_port_link_aggregation_enabled', (status & 2) !== 0)
  set(values, 'switch_port_link_aggregation_support', (status & 1) !== 0)
  set(values, 'switch_port_link_aggregation_id', port)
}

const dot1: Readonly<Record<number, Parser>> = {
  1: number('switch_port_untagged_vlan_id'),
  2: (bytes, values) => {
    const [flags, vlan] = [bytes.u8(), bytes.u16()]
    bytes.end()
    set(values, 'switch_port_protocol_vlan_enabled', (flags & 4) !== 0)
    set(values, 'switch_port_protocol_vlan_support', (flags & 2) !== 0)
    append(values, 'switch_port_protocol_vlan_ids', vlan)
  },
  3: (bytes, values) => {
    const id = bytes.u16()
    const name = text(bytes.take(bytes.u8())).replace(/\0+$/, '')
    append(values, 'switch_port_vlans', { name, id })
  },
  4: (bytes, values) =>
    append(values, 'switch_protocol_identities', bytes.take(bytes.u8()).toString('hex')),
  6: number('switch_port_management_vlan_id'),
  7: linkAggregation,
}

const dot3: Readonly<Record<number, Parser>> = {
  1: (bytes, values) => {
    const [auto, advertised, mau] = [bytes.u8(), bytes.u16(), bytes.u16()]
    bytes.end()
    const type = mauTypes[mau]
    if (type === undefined) return
    set(values, 'switch_port_autonegotiation_enabled', (auto & 2) !== 0)
    set(values, 'switch_port_autonegotiation_support', (auto & 1) !== 0)
    set(values, 'switch_port_physical_capabilities', negotiated(advertised))
    set(values, 'switch_port_mau_type', type)
  },
  3: linkAggregation,
  4: number('switch_port_mtu'),
}

const organisations: Readonly<Record<string, Readonly<Record<number, Parser>>>> = {
  '0080c2': dot1,
  '00120f': dot3,
}

const basic: Readonly<Record<number, Parser>> = {
  1: identity('switch_chassis_id', 4, 5, [1, 2, 3, 6, 7]),
  2: identity('switch_port_id', 3, 4, [1, 2, 5, 7]),
  4: wholeText('switch_port_description'),
  5: wholeText('switch_system_name'),
  6: wholeText('switch_system_description'),
  7: (bytes, values) => {
    const [system, enabled] = [bytes.u16(), bytes.u16()]
    bytes.end()
    set(values, 'switch_capabilities_support', switchCapabilities(system))
    set(values, 'switch_capabilities_enabled', switchCapabilities(enabled))
  },
  8: (bytes, values) => {
    bytes.u8()
    const found = address(bytes)
    if (found !== null) append(values, 'switch_mgmt_addresses', found)
  },
  127: (bytes, values) => {
    const parsers = organisations[bytes.take(3).toString('hex')]
    parsers?.[bytes.u8()]?.(bytes, values)
  },
}
