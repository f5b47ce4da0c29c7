import type { Clock } from '../../clock.js'
import { isBusyCode } from './codec/completion-codes.js'
import type { IpmiRequest } from './codec/message.js'
import { sessionCount } from './commands/session.js'
import { IpmiCompletionError, IpmiConnectTimeout, IpmiTimeout, IpmiUnreachable } from './errors.js'
import type { CommandOptions, Requester } from './requester.js'
import { connectSession, type Connected, type IpmiTarget } from './connect.js'
import type { Session } from './session/session.js'
import type { Transport } from './session/transport.js'
import { defaultTiming, type Limits, type Timing } from './session/wire.js'

/** Times in milliseconds. */
export interface Keep {
  /** How long a session is kept for who comes back, as long as the BMC has sessions to spare. */
  readonly most: number
  /**
   * After so much silence it is asked whether it has; BMCs end sessions that are silent for 60 s, but some
   * sooner. Each time a session was lost all the same the next of these holds; after the last none is kept.
   */
  readonly askEvery: readonly number[]
}

export interface ClientOptions {
  readonly clock: Clock
  readonly connect: () => Promise<Transport>
  readonly timing?: Timing
  /** The same for commands in a session, which a BMC may take long for; default: `timing`. */
  readonly commandTiming?: Timing
  /** Does what the client does of its own accord when it is the BMC's turn; default: at once. */
  readonly inTurn?: (work: () => Promise<void>) => Promise<void>
  /** Milliseconds after which a session that nobody uses is closed. */
  readonly idle: number
  /** How a session is kept for who comes back; default: as one for anybody else. */
  readonly keep?: Keep
  /** Milliseconds before a busy BMC is asked again. */
  readonly busyPause?: number
}

/** Why a session is not idle any more; made once, since each would cost a stack. */
const used = new Error('the session is used')

/** Sessions this old are tried with a harmless command before one that is sent only once. */
const staleAfter = 10_000
const closePatience = 1_000
/** Sessions that others must find free at the BMC. */
const leastSpare = 2
const keepPatience = 3_000

/**
 * A BMC. Opens a session when one is needed, keeps it while it is used, opens another when the
 * BMC has lost it.
 */
export class IpmiClient {
  readonly #target: IpmiTarget
  readonly #options: ClientOptions
  readonly #timing: Timing
  #connected: Connected | null = null
  #suite: number | null = null
  #idle: AbortController | null = null
  #isHeld = false
  #keptUntil = -Infinity
  /** The BMC had sessions to spare when it was asked last. */
  #hasSpare = false
  /** How many sessions were lost while they were kept. */
  #losses = 0

  constructor(target: IpmiTarget, options: ClientOptions) {
    this.#target = target
    this.#options = options
    this.#timing = options.timing ?? defaultTiming
  }

  /** The cipher suite of the session, or null while there is none. */
  get suite(): number | null {
    return this.#connected?.session.suite ?? null
  }

  /**
   * For the time of some work: the same client, under a deadline and a signal.
   * @param comesBack the same will be asked again before long: worth keeping the session for
   */
  within(limits: Limits, comesBack = false): Requester {
    const { keep } = this.#options
    if (comesBack && keep !== undefined) this.#keptUntil = this.#now() + keep.most
    return {
      request: async (request, options = {}) => {
        this.#idle?.abort(used)
        try {
          return await this.#request(request, limits, options)
        } finally {
          this.#closeWhenIdle()
        }
      },
    }
  }

  /**
   * Opens a session and keeps it: for a console. The caller ends it by `close`.
   * @throws as `Requester.request`
   */
  async hold(limits: Limits): Promise<Session> {
    this.#idle?.abort(used)
    this.#isHeld = true
    return (await this.#session(limits, false)).session
  }

  async #request(request: IpmiRequest, limits: Limits, options: CommandOptions): Promise<Buffer> {
    for (;;) {
      try {
        return await this.#try(request, limits, options)
      } catch (error) {
        if (!(await this.#mayTryAgain(error, limits, options.once ?? false))) throw error
      }
    }
  }

  async #try(request: IpmiRequest, limits: Limits, options: CommandOptions): Promise<Buffer> {
    const { once = false } = options
    const isOld = !once && this.#isOld()
    const { session } = await this.#session(limits, once)
    const bridge = this.#target.bridge ?? options.bridge ?? null
    const tries = isOld ? { tries: 1 } : {}
    try {
      return await session.request(request, { ...limits, ...tries, once, bridge })
    } catch (error) {
      if (!isLost(error)) throw error
      this.#drop()
      if (!isOld) throw error
      this.#losses += 1
    }
    // Most likely it was the session that was lost, and not the BMC.
    return await this.#try(request, limits, options)
  }

  #isOld(): boolean {
    const { session } = this.#connected ?? {}
    return session !== undefined && this.#now() - session.lastUsed >= staleAfter
  }

  /** What was sent is only sent again if that does no harm, and while there is time. */
  async #mayTryAgain(error: unknown, limits: Limits, once: boolean): Promise<boolean> {
    const busy = error instanceof IpmiCompletionError && isBusyCode(error.code)
    const lost = isLost(error) && !(error instanceof IpmiTimeout && error.mayHaveRun && once)
    if (!busy && !lost) return false
    const pause = this.#options.busyPause ?? 1_000
    if (this.#now() + pause >= limits.deadline) return false
    await this.#options.clock.sleep(pause, limits.signal)
    return true
  }

  async #session(limits: Limits, once: boolean): Promise<Connected> {
    const known = this.#connected
    if (known !== null && once) await this.#makeSure(known, limits)
    this.#connected ??= await this.#connect(limits)
    return this.#connected
  }

  /** A BMC that restarted has forgotten the session; that must not cost a command its only try. */
  async #makeSure(connected: Connected, limits: Limits): Promise<void> {
    const { session } = connected
    if (!this.#isOld()) return
    try {
      const getDeviceId = { netFn: 0x06, command: 0x01, data: Buffer.alloc(0) }
      await session.request(getDeviceId, { ...limits, tries: 2 })
    } catch (error) {
      if (!isLost(error)) throw error
      this.#drop()
    }
  }

  async #connect(limits: Limits): Promise<Connected> {
    const { clock, connect } = this.#options
    const { commandTiming = this.#timing } = this.#options
    const parts = { clock, timing: this.#timing, commandTiming, suite: this.#suite }
    const transport = await connect()
    try {
      const connected = await connectSession(transport, this.#target, parts, limits)
      this.#suite = connected.session.suite
      this.#hasSpare = false
      return connected
    } catch (error) {
      transport.close()
      // What was handled outside of a session had no effect on the machine.
      throw error instanceof IpmiTimeout ? new IpmiConnectTimeout(error) : error
    }
  }

  #drop(): void {
    this.#connected?.transport.close()
    this.#connected = null
  }

  #closeWhenIdle(): void {
    if (this.#connected === null || this.#isHeld) return
    this.#idle?.abort(used)
    const idle = new AbortController()
    this.#idle = idle
    const { clock, keep, idle: most } = this.#options
    const silence = this.#hasSpare ? (keep?.askEvery[this.#losses] ?? most) : most
    const keepOrClose = async () => {
      await clock.sleep(silence, idle.signal)
      await this.#inTurn(
        () => this.#keepOrClose(),
        () => !idle.signal.aborted,
      )
    }
    keepOrClose().catch(() => {
      if (!idle.signal.aborted) this.#drop()
    })
  }

  async #keepOrClose(): Promise<void> {
    const isWorth = this.#now() < this.#keptUntil && this.#losses < this.#mostLosses
    this.#hasSpare = isWorth && (await this.#findSpare())
    if (this.#hasSpare) this.#closeWhenIdle()
    else await this.close()
  }

  /** Whether others find sessions free. The question itself keeps this one alive. */
  async #findSpare(): Promise<boolean> {
    const { session } = this.#connected ?? {}
    if (session === undefined) return false
    const limits = { deadline: this.#now() + keepPatience, tries: 1 }
    try {
      const count = await sessionCount({ request: (what) => session.request(what, limits) })
      return count.possible - count.active >= leastSpare
    } catch (error) {
      // It does not say, or the session is lost.
      if (!isLost(error)) return false
      this.#drop()
      this.#losses += 1
      return false
    }
  }

  get #mostLosses(): number {
    return this.#options.keep?.askEvery.length ?? 0
  }

  /** Closes the session when it is the BMC's turn. Never throws. */
  async end(): Promise<void> {
    await this.#inTurn(
      () => this.close(),
      () => true,
    )
  }

  async #inTurn(what: () => Promise<void>, isWanted: () => boolean): Promise<void> {
    const { inTurn = (work) => work() } = this.#options
    try {
      await inTurn(async () => {
        if (isWanted()) await what()
      })
    } catch {
      // Its turn did not come: the BMC ends sessions that are silent for a minute.
      if (isWanted()) this.#drop()
    }
  }

  /** Closes the session, if there is one. Never throws: a lost session ends by itself. */
  async close(): Promise<void> {
    this.#idle?.abort(used)
    const connected = this.#connected
    this.#connected = null
    if (connected === null) return
    try {
      await connected.session.close({ deadline: this.#now() + closePatience })
    } catch {
      // The BMC ends sessions that are silent for a minute.
    } finally {
      connected.transport.close()
    }
  }

  #now(): number {
    return this.#options.clock.now().getTime()
  }
}

const isLost = (error: unknown): boolean =>
  error instanceof IpmiTimeout || error instanceof IpmiUnreachable
