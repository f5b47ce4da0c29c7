import type { Requester } from '../requester.js'
import { IpmiError } from '../errors.js'

/** Bytes that are no request: too few, or out of range. */
export class IpmiRawError extends IpmiError {
  override readonly name = 'IpmiRawError'
}

/**
 * Reads what a human writes: `0x06 0x01`, `6 1`, `0x00, 0x09`. Octal with a leading zero, as in C.
 * @throws IpmiRawError
 */
export function parseRawBytes(text: string): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== '')
  return words.map((word) => {
    const isNumber = /^(0[xX][0-9a-fA-F]+|\d+)$/.test(word)
    const octal = /^0[0-7]+$/.test(word)
    const value = octal ? Number.parseInt(word, 8) : Number(word)
    if (isNumber && value <= 0xff) return value
    throw new IpmiRawError(`"${word}" is no byte`)
  })
}

/**
 * Sends bytes as they are: network function, command, data. Sent once unless the caller knows
 * that they may come twice.
 * @returns the data after the completion code
 * @throws IpmiRawError
 */
export async function raw(
  bmc: Requester,
  bytes: readonly number[],
  { once = true } = {},
): Promise<Buffer> {
  const [netFn, command, ...data] = bytes
  if (netFn === undefined || command === undefined) {
    throw new IpmiRawError('a network function and a command are needed')
  }
  if (netFn > 0x3f || (netFn & 1) !== 0) {
    throw new IpmiRawError(`0x${netFn.toString(16)} is no network function of a request`)
  }
  return await bmc.request({ netFn, command, data: Buffer.from(data) }, { once })
}
