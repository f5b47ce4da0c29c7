/** Codes of DHCPv4 options (RFC 2132, 3011, 3046, 4578, 5970). */
export const option = {
  pad: 0,
  subnetMask: 1,
  router: 3,
  domainServer: 6,
  hostName: 12,
  domainName: 15,
  broadcast: 28,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  serverIdentifier: 54,
  parameterList: 55,
  message: 56,
  maxMessageSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  tftpServerName: 66,
  bootFileName: 67,
  userClass: 77,
  relayAgent: 82,
  clientArchitecture: 93,
  networkInterface: 94,
  machineIdentifier: 97,
  subnetSelection: 118,
  tftpServerAddress: 150,
  ipxe: 175,
  end: 255,
} as const

/** Sub-options of the relay agent's option 82. */
export const relayOption = {
  /** RFC 3527. */
  linkSelection: 5,
  /** RFC 5107. */
  serverOverride: 11,
} as const

export const messageType = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const
export type MessageType = keyof typeof messageType

export const addressOption = (...addresses: readonly string[]): Buffer =>
  Buffer.from(addresses.flatMap((text) => text.split('.').map(Number)))

export function secondsOption(seconds: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(seconds)
  return bytes
}

export const textOption = (text: string): Buffer => Buffer.from(text, 'latin1')

/**
 * A text that ends in NUL. Boot ROMs copy options 66 and 67 up to a NUL, and without one some take
 * the end mark behind it for a part of the name. dnsmasq sends the NUL, too.
 */
export const terminatedTextOption = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1')

/** Decodes the options inside an option (43, 82, 175). An option that is cut ends the list. */
export function decodeNested(bytes: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>()
  for (let at = 0; at < bytes.length;) {
    const [code = 0, length = 0] = [bytes[at], bytes[at + 1]]
    if (code === option.end) break
    if (code === option.pad) {
      at += 1
      continue
    }
    if (at + 2 + length > bytes.length) break
    options.set(code, bytes.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return options
}

export const encodeNested = (options: ReadonlyMap<number, Buffer>): Buffer =>
  Buffer.concat([...options].flatMap(([code, value]) => [Buffer.from([code, value.length]), value]))
