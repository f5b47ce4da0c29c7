import {
  IpmiAuthenticationError,
  IpmiCipherSuiteError,
  IpmiNoSessionSlot,
  IpmiPrivilegeError,
  IpmiSessionError,
  type IpmiError,
} from '../errors.js'

type Kind = 'slots' | 'cipher' | 'privilege' | 'authentication' | 'other'

/** RMCP+ status codes (IPMI 2.0, table 13-15). */
const statuses: Readonly<Record<number, readonly [Kind, string]>> = {
  0x01: ['slots', 'insufficient resources for session'],
  0x02: ['other', 'invalid session ID'],
  0x03: ['other', 'invalid payload type'],
  0x04: ['cipher', 'invalid authentication algorithm'],
  0x05: ['cipher', 'invalid integrity algorithm'],
  0x06: ['cipher', 'no matching authentication payload'],
  0x07: ['cipher', 'no matching integrity payload'],
  0x08: ['other', 'inactive session ID'],
  0x09: ['privilege', 'invalid role'],
  0x0a: ['privilege', 'unauthorized role or privilege level requested'],
  0x0b: ['slots', 'insufficient resources to create a session at the requested role'],
  0x0c: ['authentication', 'invalid name length'],
  0x0d: ['authentication', 'unauthorized name'],
  0x0e: ['authentication', 'unauthorized GUID'],
  0x0f: ['authentication', 'invalid integrity check value'],
  0x10: ['cipher', 'invalid confidentiality algorithm'],
  0x11: ['cipher', 'no matching cipher suite'],
  0x12: ['other', 'illegal or unrecognized parameter'],
}

const classes: Readonly<Record<Kind, new (message: string) => IpmiError>> = {
  slots: IpmiNoSessionSlot,
  cipher: IpmiCipherSuiteError,
  privilege: IpmiPrivilegeError,
  authentication: IpmiAuthenticationError,
  other: IpmiSessionError,
}

/** The error a refused handshake is. @param message which one refused, `open session` */
export function refusal(message: string, status: number): IpmiError {
  const hex = `0x${status.toString(16).padStart(2, '0')}`
  const [kind, text] = statuses[status] ?? ['other', 'unknown status']
  return new classes[kind](`${message} was refused: ${text} (${hex})`)
}
