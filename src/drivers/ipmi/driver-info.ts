import { isIP } from 'node:net'
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { pythonList } from '../errors.js'
import { pythonRepr, pythonStr } from '../../python/repr.js'
import type { MutableNode } from '../interfaces.js'
import { isTruthy, networkPort } from '../driver-info/fields.js'

const privilegeLevels = ['ADMINISTRATOR', 'CALLBACK', 'OPERATOR', 'USER'] as const
const protocolVersions = ['2.0', '1.5'] as const

export interface IpmiBridging {
  readonly type: 'single' | 'dual'
  readonly targetChannel: string
  readonly targetAddress: string
  readonly transitChannel: string | null
  readonly transitAddress: string | null
  readonly localAddress: string | null
}

/** How to reach a BMC, from `driver_info`. */
export interface IpmiInfo {
  readonly address: string
  readonly port: number | null
  readonly username: string | null
  readonly password: string
  readonly privilegeLevel: (typeof privilegeLevels)[number]
  readonly protocolVersion: (typeof protocolVersions)[number]
  readonly hexKgKey: string | null
  readonly cipherSuite: number | null
  readonly terminalPort: number | null
  readonly bridging: IpmiBridging | null
}

export const ipmiProperties = {
  ipmi_address: 'IP address or hostname of the node. Required.',
  ipmi_password: 'password. Optional.',
  ipmi_hex_kg_key:
    'Kg key for IPMIv2 authentication. The key is expected in hexadecimal format. Optional.',
  ipmi_port: 'remote IPMI RMCP port. Optional.',
  ipmi_priv_level: `privilege level; default is ADMINISTRATOR. One of ${privilegeLevels.join(', ')}. Optional.`,
  ipmi_username: 'username; default is NULL user. Optional.',
  ipmi_bridging: 'bridging_type; default is "no". One of "single", "dual", "no". Optional.',
  ipmi_transit_channel:
    'transit channel for bridged request. Required only if ipmi_bridging is set to "dual".',
  ipmi_transit_address:
    'transit address for bridged request. Required only if ipmi_bridging is set to "dual".',
  ipmi_target_channel:
    'destination channel for bridged request. Required only if ipmi_bridging is set to "single" or "dual".',
  ipmi_target_address:
    'destination address for bridged request. Required only if ipmi_bridging is set to "single" or "dual".',
  ipmi_local_address:
    'local IPMB address for bridged requests. Used only if ipmi_bridging is set to "single" or "dual". Optional.',
  ipmi_protocol_version:
    'the version of the IPMI protocol; default is "2.0". One of "1.5", "2.0". Optional.',
  ipmi_force_boot_device:
    'Whether Ironic should specify the boot device to the BMC each time the server is turned on, eg. because the BMC is not capable of remembering the selected boot device across power cycles; default value is False. Optional.',
  ipmi_disable_boot_timeout:
    'By default ironic will send a raw IPMI command to disable the 60 second timeout for booting. Setting this option to False will NOT send that command on this node. The [ipmi]disable_boot_timeout will be used if this option is not set. Optional.',
  ipmi_cipher_suite:
    'The number of a cipher suite to use. Only 3 (AES-128 with SHA1) or 17 (AES-128 with SHA256) should ever be used; 17 is preferred. The default value depends on the ipmitool version, some recent versions have switched from 3 to 17.',
} as const

/**
 * Reads the IPMI keys of a node, in upstream's order of checks (docs/reference/drivers.md, C.2).
 * @throws InvalidParameterValue, MissingParameterValue with upstream's texts
 */
export function parseIpmiInfo(
  node: Pick<MutableNode, 'driverInfo' | 'driverInternalInfo'>,
): IpmiInfo {
  const info = node.driverInfo ?? {}
  if (!isTruthy(info['ipmi_address'])) {
    throw new MissingParameterValue(
      "Missing the following IPMI credentials in node's driver_info: ['ipmi_address'].",
    )
  }
  const protocolVersion = readProtocol(info['ipmi_protocol_version'])
  const terminal =
    info['ipmi_terminal_port'] || node.driverInternalInfo?.['allocated_ipmi_terminal_port']
  const terminalPort = isTruthy(terminal) ? networkPort(terminal, 'ipmi_terminal_port') : null
  const port = isSet(info['ipmi_port']) ? networkPort(info['ipmi_port'], 'ipmi_port') : null
  const bridging = readBridging(info)
  const privilegeLevel = readPrivilege(info['ipmi_priv_level'])
  const hexKgKey = readKgKey(info['ipmi_hex_kg_key'])
  const cipherSuite = readCipherSuite(info['ipmi_cipher_suite'], protocolVersion)
  return {
    address: pythonStr(info['ipmi_address']),
    port,
    username: isTruthy(info['ipmi_username']) ? pythonStr(info['ipmi_username']) : null,
    password: pythonStr(info['ipmi_password'] ?? ''),
    privilegeLevel,
    protocolVersion,
    hexKgKey,
    cipherSuite,
    terminalPort,
    bridging,
  }
}

const isSet = (value: unknown): boolean => value !== undefined && value !== null

function readProtocol(value: unknown): IpmiInfo['protocolVersion'] {
  const text = value === undefined ? '2.0' : pythonStr(value)
  const known = protocolVersions.find((v) => v === text)
  if (known !== undefined) return known
  throw new InvalidParameterValue(
    `Invalid IPMI protocol version value ${text}, the valid value can be one of ${protocolVersions.join(', ')}`,
  )
}

function readPrivilege(value: unknown): IpmiInfo['privilegeLevel'] {
  const text = value === undefined ? 'ADMINISTRATOR' : pythonStr(value)
  const known = privilegeLevels.find((v) => v === text)
  if (known !== undefined) return known
  throw new InvalidParameterValue(
    `Invalid privilege level value:${text}, the valid value can be one of ${privilegeLevels.join(', ')}`,
  )
}

function readKgKey(value: unknown): string | null {
  if (!isTruthy(value)) return null
  const key = pythonStr(value)
  if (key.length % 2 === 0) return key
  throw new InvalidParameterValue('Number of ipmi_hex_kg_key characters is not even')
}

function readCipherSuite(value: unknown, protocolVersion: string): number | null {
  if (!isSet(value)) return null
  const text = pythonStr(value)
  if (!/^\s*[+-]?\d+\s*$/.test(text)) {
    throw new InvalidParameterValue(`Invalid cipher suite ${text}, expected a number`)
  }
  if (protocolVersion === '1.5') {
    throw new InvalidParameterValue('Cipher suites cannot be used with IPMI 1.5')
  }
  return Number(text)
}

function readBridging(info: JsonObject): IpmiBridging | null {
  const type = info['ipmi_bridging'] ?? 'no'
  if (type === 'no') return null
  if (type !== 'single' && type !== 'dual') {
    throw new InvalidParameterValue(
      `Invalid value for ipmi_bridging: ${pythonStr(type)}, the valid value can be one of: ${pythonRepr(['single', 'dual', 'no'])}`,
    )
  }
  const needed = ['ipmi_target_channel', 'ipmi_target_address']
  if (type === 'dual') needed.push('ipmi_transit_channel', 'ipmi_transit_address')
  const missing = needed.filter((key) => !isSet(info[key]))
  if (missing.length > 0) throw new MissingParameterValue(`${pythonList(missing)} not provided`)
  const field = (key: string): string | null => (isSet(info[key]) ? pythonStr(info[key]) : null)
  return {
    type,
    targetChannel: field('ipmi_target_channel') ?? '',
    targetAddress: field('ipmi_target_address') ?? '',
    transitChannel: type === 'dual' ? field('ipmi_transit_channel') : null,
    transitAddress: type === 'dual' ? field('ipmi_transit_address') : null,
    localAddress: field('ipmi_local_address'),
  }
}

const hostname = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9\-_]{0,62}[a-z0-9])*\.?$/

/**
 * Checks that the BMC's address is one (the power interface does).
 * @throws InvalidParameterValue
 */
export function checkIpmiAddress(address: string, nodeUuid: string): void {
  if (isIP(address) !== 0 || (address.length <= 255 && hostname.test(address))) return
  throw new InvalidParameterValue(
    `Invalid IPMI address "${address}" for node ${nodeUuid}. Must be a valid IP address or hostname.`,
  )
}
