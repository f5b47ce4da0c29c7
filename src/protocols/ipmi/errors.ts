import { completionText } from './codec/completion-codes.js'

/** Everything that can go wrong between us and a BMC. */
export class IpmiError extends Error {
  override readonly name: string = 'IpmiError'
}

/** Bytes that are no valid packet, or not the one that had to come. */
export class IpmiProtocolError extends IpmiError {
  override readonly name = 'IpmiProtocolError'
  readonly offset: number
  constructor(what: string, offset = 0) {
    super(`${what} (at byte ${offset})`)
    this.offset = offset
  }
}

/** No answer came. `mayHaveRun`: the BMC may have done it all the same. */
export class IpmiTimeout extends IpmiError {
  override readonly name = 'IpmiTimeout'
  readonly mayHaveRun: boolean
  constructor(what: string, ms: number, tries: number, mayHaveRun: boolean, cause?: unknown) {
    const times = tries === 1 ? 'sent once' : `sent ${tries} times`
    const after = `within ${(ms / 1000).toFixed(1)} s, ${times}`
    super(`no answer to ${what} ${after}`, cause === undefined ? undefined : { cause })
    this.mayHaveRun = mayHaveRun
  }
}

/** The same while a session was being opened: no command was sent yet. */
export class IpmiConnectTimeout extends IpmiTimeout {
  constructor(cause: IpmiTimeout) {
    super('the opening of a session', 0, 0, false, cause)
    this.message = cause.message
  }
}

/** The network refused: no such host, port closed. */
export class IpmiUnreachable extends IpmiError {
  override readonly name = 'IpmiUnreachable'
  constructor(address: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super(`${address} cannot be reached: ${why}`, { cause })
  }
}

/** The BMC does not know the user, the password is wrong, or the BMC is not who it claims. */
export class IpmiAuthenticationError extends IpmiError {
  override readonly name = 'IpmiAuthenticationError'
}

/** The user may not use the privilege level that was asked for, or needs a higher one. */
export class IpmiPrivilegeError extends IpmiError {
  override readonly name = 'IpmiPrivilegeError'
}

/** The BMC accepts none of the cipher suites that we offered. */
export class IpmiCipherSuiteError extends IpmiError {
  override readonly name = 'IpmiCipherSuiteError'
}

/** All sessions of the BMC are taken. */
export class IpmiNoSessionSlot extends IpmiError {
  override readonly name = 'IpmiNoSessionSlot'
}

/** Opening a session failed with a status that none of the classes above stands for. */
export class IpmiSessionError extends IpmiError {
  override readonly name = 'IpmiSessionError'
}

/** The BMC answered a command with something else than success. */
export class IpmiCompletionError extends IpmiError {
  override readonly name = 'IpmiCompletionError'
  readonly netFn: number
  readonly command: number
  readonly code: number
  constructor(netFn: number, command: number, code: number) {
    const at = `netFn 0x${hex(netFn)} command 0x${hex(command)}`
    super(`${at} was answered with 0x${hex(code)}: ${completionText(code)}`)
    this.netFn = netFn
    this.command = command
    this.code = code
  }
}

const hex = (value: number): string => value.toString(16).padStart(2, '0')
