/** Carries packets to one BMC and back. */
export interface Transport {
  send(packet: Buffer): void
  /** Who gets what comes in, and what goes wrong. One at a time. */
  listen(listener: TransportListener): void
  close(): void
}

export interface TransportListener {
  packet(packet: Buffer): void
  failed(error: Error): void
}
