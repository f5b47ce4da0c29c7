/** The bytes are not a DHCP message. `offset` is the place of the fault. */
export class DhcpProtocolError extends Error {
  override readonly name = 'DhcpProtocolError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`)
    this.offset = offset
  }
}
