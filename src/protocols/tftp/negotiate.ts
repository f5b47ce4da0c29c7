import type { TftpRequest } from './packet.js'

/** The terms of a transfer. */
export interface TransferTerms {
  readonly blockSize: number
  readonly windowSize: number
  /** The time-out that the client requests, in milliseconds; null leaves the pace to the server. */
  readonly timeoutMs: number | null
  /** The options of the OACK. No OACK is sent when there are no options. */
  readonly accepted: ReadonlyMap<string, string>
}

const defaultBlockSize = 512
/** Limits of unacknowledged bytes and packets. More would overrun the client. */
const mostInFlight = 64 * 1024
const longestWindow = 64

/**
 * Answers the options of a read request (RFC 2348, 2349, 7440). The OACK omits options whose values
 * are out of range, which refuses them (RFC 2347), and lowers values that are too large.
 * @param size of the file in bytes; null when only the end of the transfer shows it (netascii)
 */
export function negotiate(request: TftpRequest, size: number | null): TransferTerms {
  const accepted = new Map<string, string>()
  let [blockSize, windowSize] = [defaultBlockSize, 1]
  let timeoutMs: number | null = null
  for (const [name, text] of request.options) {
    const value = wholeNumber(text)
    if (name === 'blksize' && value >= 8) {
      blockSize = Math.min(value, 65464)
      accepted.set(name, String(blockSize))
    } else if (name === 'windowsize' && value >= 1 && value <= 65535) {
      windowSize = value
      accepted.set(name, '')
    } else if (name === 'timeout' && value >= 1 && value <= 255) {
      timeoutMs = value * 1000
      accepted.set(name, text)
    } else if (name === 'tsize' && size !== null) {
      accepted.set(name, String(size))
    }
  }
  const room = Math.max(1, Math.floor(mostInFlight / blockSize))
  windowSize = Math.min(windowSize, room, longestWindow)
  if (accepted.has('windowsize')) accepted.set('windowsize', String(windowSize))
  return { blockSize, windowSize, timeoutMs, accepted }
}

const wholeNumber = (text: string): number => (/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN)
