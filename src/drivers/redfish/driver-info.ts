import { existsSync } from 'node:fs'
import { isIPv6 } from 'node:net'
import type { Config } from '../../config/index.js'
import type { JsonObject } from '../../db/columns.js'
import { InvalidParameterValue, MissingParameterValue } from '../../errors.js'
import { pythonStr } from '../../python/repr.js'
import type { Task } from '../interfaces.js'
import { isTruthy, strictBool } from '../driver-info/fields.js'

const authTypes = ['basic', 'session', 'auto'] as const
const tlsVersions = ['1.1', '1.2', '1.3'] as const

/** How to reach a Redfish service, from `driver_info`. */
export interface RedfishInfo {
  /** Scheme and authority. */
  readonly address: string
  /** Path of the service root when it is not the usual one. */
  readonly rootPrefix: string | null
  readonly systemId: string | null
  readonly username: string | null
  readonly password: string | null
  /** True, false, or the CA bundle to trust. */
  readonly verifyCa: boolean | string
  readonly authType: (typeof authTypes)[number]
  readonly tlsMinimumVersion: (typeof tlsVersions)[number] | null
  readonly tlsCiphers: string | null
  readonly unresponsiveBmcWait: number | null
}

export const redfishProperties = {
  redfish_address:
    'The URL address to the Redfish controller. It must include the authority portion of the URL. If the scheme is missing, https is assumed. For example: https://mgmt.vendor.com. If a path is added, it will be used as the API endpoint root_prefix. Required',
  redfish_system_id:
    'The canonical path to the ComputerSystem resource that the driver will interact with. It should include the root service, version and the unique resource path to a ComputerSystem within the same authority as the redfish_address property. For example: /redfish/v1/Systems/1. This property is only required if target BMC manages more than one ComputerSystem. Otherwise ironic will pick the only available ComputerSystem automatically.',
  redfish_username:
    "User account with admin/server-profile access privilege. Although this property is not mandatory it's highly recommended to set a username. Optional",
  redfish_password:
    "User account password. Although this property is not mandatory, it's highly recommended to set a password. Optional",
  redfish_verify_ca:
    "Either a Boolean value, a path to a CA_BUNDLE file or directory with certificates of trusted CAs. If set to True the driver will verify the host certificates; if False the driver will ignore verifying the SSL certificate. If it's a path the driver will use the specified certificate or one of the certificates in the directory. Defaults to True. Optional",
  redfish_auth_type:
    'Redfish HTTP client authentication method. Can be "basic", "session" or "auto". If not set, the default value is taken from Ironic configuration as ``[redfish]auth_type`` option.',
  firmware_update_unresponsive_bmc_wait:
    'Number of seconds to wait to avoid the BMC becoming unresponsive during firmware updates. If not set, the default value is taken from the Ironic configuration ``firmware_update_wait_unresponsive_bmc`` in the ``[redfish]`` section.',
  redfish_tls_minimum_version:
    'Minimum TLS protocol version for connections to the Redfish BMC. Can be "1.1", "1.2", or "1.3". If not set, the default value is taken from Ironic configuration as ``[redfish]tls_minimum_version`` option.',
  redfish_tls_ciphers:
    'OpenSSL cipher list to use for connections to the Redfish BMC. If not set, the default value is taken from Ironic configuration as ``[redfish]tls_ciphers`` option.',
} as const

/**
 * Reads the Redfish keys of a node, in upstream's order of checks (docs/reference/drivers.md, C.3).
 * @throws InvalidParameterValue, MissingParameterValue with upstream's texts
 */
export function parseRedfishInfo(task: Pick<Task, 'node' | 'ctx'>): RedfishInfo {
  const info = task.node.driverInfo ?? {}
  const { uuid } = task.node
  const { redfish } = task.ctx.config
  if (!isTruthy(info['redfish_address'])) {
    throw new MissingParameterValue(
      `Missing the following Redfish properties in node ${uuid} driver_info: ['redfish_address']`,
    )
  }
  const wait = info['firmware_update_unresponsive_bmc_wait']
  return {
    ...readAddress(info['redfish_address'], uuid),
    systemId: readSystemId(info['redfish_system_id'], uuid),
    verifyCa: readVerifyCa(info, uuid, redfish),
    authType: readAuthType(info['redfish_auth_type'] ?? redfish.auth_type, uuid),
    tlsMinimumVersion: readTls(
      info['redfish_tls_minimum_version'] ?? redfish.tls_minimum_version,
      uuid,
    ),
    tlsCiphers: text(info['redfish_tls_ciphers'] ?? redfish.tls_ciphers),
    username: text(info['redfish_username']),
    password: text(info['redfish_password']),
    unresponsiveBmcWait: isTruthy(wait) ? Number(wait) : null,
  }
}

const text = (value: unknown): string | null =>
  value === undefined || value === null ? null : pythonStr(value)

function readAddress(value: unknown, uuid: string): Pick<RedfishInfo, 'address' | 'rootPrefix'> {
  if (typeof value !== 'string') throw badAddress(value, uuid)
  const escaped = isIPv6(value) ? `[${value}]` : value
  const full = /^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(escaped) ? escaped : `https://${escaped}`
  if (/\s/.test(full) || !URL.canParse(full)) throw badAddress(full, uuid)
  const [, scheme = '', authority = '', path = ''] =
    /^([^:]+):\/\/([^/?#]*)([^?#]*)/.exec(full) ?? []
  return { address: `${scheme}://${authority}`, rootPrefix: path === '' ? null : path }
}

const badAddress = (value: unknown, uuid: string): InvalidParameterValue =>
  new InvalidParameterValue(
    `Invalid Redfish address ${pythonStr(value)} set in driver_info/redfish_address on node ${uuid}`,
  )

function readSystemId(value: unknown, uuid: string): string | null {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return encodeURI(value)
  throw new InvalidParameterValue(
    `Invalid value "${pythonStr(value)}" set in driver_info/redfish_system_id on node ${uuid}. The value should be a path (string) to the resource that the driver will interact with. For example: /redfish/v1/Systems/1`,
  )
}

function readVerifyCa(info: JsonObject, uuid: string, config: Config['redfish']): boolean | string {
  const own = info['redfish_verify_ca'] ?? true
  const value = own === true ? (config.verify_ca ?? true) : own
  const refusal = new InvalidParameterValue(
    `Invalid value type set in driver_info/redfish_verify_ca on node ${uuid}. The value should be a Boolean or the path to a file/directory, not "${pythonStr(value)}"`,
  )
  if (typeof value === 'boolean') return value
  if (typeof value !== 'string') throw refusal
  return existsSync(value) ? value : strictBool(value, () => refusal)
}

function readAuthType(value: unknown, uuid: string): RedfishInfo['authType'] {
  const known = authTypes.find((type) => type === value)
  if (known !== undefined) return known
  throw new InvalidParameterValue(
    `Invalid value "${pythonStr(value)}" set in driver_info/redfish_auth_type on node ${uuid}. The value should be one of "basic", "session" or "auto".`,
  )
}

function readTls(value: unknown, uuid: string): RedfishInfo['tlsMinimumVersion'] {
  if (!isTruthy(value)) return null
  const known = tlsVersions.find((version) => version === value)
  if (known !== undefined) return known
  throw new InvalidParameterValue(
    `Invalid value "${pythonStr(value)}" set in driver_info/redfish_tls_minimum_version on node ${uuid}. The value should be one of "1.1", "1.2", or "1.3".`,
  )
}

/** The `validate` of most Redfish interfaces. @throws Invalid */
export async function validateRedfish(task: Task): Promise<void> {
  await Promise.resolve()
  parseRedfishInfo(task)
}
