/** Codes of DHCPv6 options (RFC 8415, 3646, 5970, 6939). */
export const option6 = {
  clientId: 1,
  serverId: 2,
  nonTemporaryAddress: 3,
  temporaryAddress: 4,
  address: 5,
  requestedOptions: 6,
  preference: 7,
  relayMessage: 9,
  statusCode: 13,
  rapidCommit: 14,
  userClass: 15,
  vendorClass: 16,
  interfaceId: 18,
  domainServer: 23,
  domainList: 24,
  prefixDelegation: 25,
  bootFileUrl: 59,
  bootFileParameters: 60,
  clientArchitecture: 61,
  networkInterface: 62,
  clientLinkLayer: 79,
} as const

export const messageType6 = {
  solicit: 1,
  advertise: 2,
  request: 3,
  confirm: 4,
  renew: 5,
  rebind: 6,
  reply: 7,
  release: 8,
  decline: 9,
  'information-request': 11,
  'relay-forward': 12,
  'relay-reply': 13,
} as const
export type MessageType6 = keyof typeof messageType6

/** RFC 8415, 21.13. */
export const statusCode = {
  success: 0,
  noAddresses: 2,
  noBinding: 3,
  notOnLink: 4,
  noPrefixes: 6,
} as const
export type StatusCode = (typeof statusCode)[keyof typeof statusCode]

/** One option. A message may hold several with the same code. */
export interface Option6 {
  readonly code: number
  readonly data: Buffer
}

/** Intel's enterprise number, which all firmware sends in the vendor class (RFC 8415, 21.16). */
export const pxeEnterprise = 343
