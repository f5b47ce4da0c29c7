import { errorText } from '../../../error-text.js'
import type { Clock } from '../../../clock.js'
import type { JsonObject } from '../../../db/columns.js'

/** What a BMC is and what it can do, as far as it says so. Carries no secret. */
export interface BmcReport {
  readonly protocol: 'ipmi' | 'redfish'
  /** As the scheduler names it. */
  readonly bmc: string
  readonly identity: JsonObject
  readonly session: JsonObject
  /** What it offers; null: it did not say. */
  readonly supports: Readonly<Record<string, boolean | null>>
  /** What Ferric does otherwise because of what this BMC is. */
  readonly quirks: readonly string[]
  /** What it says of the machine. */
  readonly machine: JsonObject
  /** Milliseconds. */
  readonly timings: Readonly<Record<string, number>>
  /** Why something could not be read. */
  readonly problems: Readonly<Record<string, string>>
}

/** Reads one thing after the other, with the time each takes; what fails is named and left out. */
export class Survey {
  readonly timings: Record<string, number> = {}
  readonly problems: Record<string, string> = {}
  readonly #clock: Clock
  readonly #mayFail: (error: unknown) => boolean

  /** @param mayFail whether the survey goes on after an error */
  constructor(clock: Clock, mayFail: (error: unknown) => boolean) {
    this.#clock = clock
    this.#mayFail = mayFail
  }

  /** @returns null when it could not be read */
  async read<T>(what: string, how: () => Promise<T>): Promise<T | null> {
    const began = this.#clock.now().getTime()
    try {
      return await how()
    } catch (error) {
      if (!this.#mayFail(error)) throw error
      this.problems[what] = errorText(error)
      return null
    } finally {
      this.timings[what] = this.#clock.now().getTime() - began
    }
  }
}
