/** One request of a machine, or one observation about its boot. */
export interface BootEvent {
  readonly protocol: 'dhcp' | 'tftp' | 'http'
  /** UUID of the node when the request names it. */
  readonly node: string | null
  /** Address the request came from, which identifies the node when nothing else does. */
  readonly address?: string
  readonly mac?: string
  readonly summary: string
  readonly outcome: string
  readonly [detail: string]: unknown
}

/** Receives boot events. Never throws, never waits. */
export type BootReport = (event: BootEvent) => void
