/** Completion codes (IPMI 2.0, table 5-2), in the words `ipmitool` uses. */
const texts: Readonly<Record<number, string>> = {
  0x00: 'Command completed normally',
  0xc0: 'Node busy',
  0xc1: 'Invalid command',
  0xc2: 'Invalid command on LUN',
  0xc3: 'Timeout',
  0xc4: 'Out of space',
  0xc5: 'Reservation cancelled or invalid',
  0xc6: 'Request data truncated',
  0xc7: 'Request data length invalid',
  0xc8: 'Request data field length limit exceeded',
  0xc9: 'Parameter out of range',
  0xca: 'Cannot return number of requested data bytes',
  0xcb: 'Requested sensor, data, or record not found',
  0xcc: 'Invalid data field in request',
  0xcd: 'Command illegal for specified sensor or record type',
  0xce: 'Command response could not be provided',
  0xcf: 'Cannot execute duplicated request',
  0xd0: 'SDR Repository in update mode',
  0xd1: 'Device firmware in update mode',
  0xd2: 'BMC initialization in progress',
  0xd3: 'Destination unavailable',
  0xd4: 'Insufficient privilege level',
  0xd5: 'Command not supported in present state',
  0xd6: 'Cannot execute command, command disabled',
  0xff: 'Unspecified error',
}

export const completionCodes = {
  ok: 0x00,
  nodeBusy: 0xc0,
  invalidCommand: 0xc1,
  timeout: 0xc3,
  outOfSpace: 0xc4,
  reservationLost: 0xc5,
  lengthInvalid: 0xc7,
  lengthLimit: 0xc8,
  outOfRange: 0xc9,
  cannotReturnSoMany: 0xca,
  notFound: 0xcb,
  invalidField: 0xcc,
  duplicate: 0xcf,
  initializing: 0xd2,
  insufficientPrivilege: 0xd4,
} as const

/** What a completion code means. */
export function completionText(code: number): string {
  const known = texts[code]
  if (known !== undefined) return known
  if (code >= 0x80 && code <= 0xbe) return `Command specific code 0x${code.toString(16)}`
  return `Unknown code 0x${code.toString(16).padStart(2, '0')}`
}

/** The BMC asks to come again later. */
export const isBusyCode = (code: number): boolean =>
  code === completionCodes.nodeBusy ||
  code === completionCodes.timeout ||
  code === completionCodes.outOfSpace ||
  code === completionCodes.initializing
