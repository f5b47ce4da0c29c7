/** Bytes that are no DHCP. `offset` says where they go wrong. */
export class DhcpProtocolError extends Error {
  override readonly name = 'DhcpProtocolError'
  readonly offset: number
  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`)
    this.offset = offset
  }
}
