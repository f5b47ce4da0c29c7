import { AsyncLocalStorage } from 'node:async_hooks'

/** What a piece of work is about: fields of every line that is logged during it. */
export interface WorkIds {
  readonly requestId?: string | undefined
  readonly task?: string | undefined
  readonly kind?: string | undefined
  readonly node?: string | undefined
}

const storage = new AsyncLocalStorage<WorkIds>()

/** Runs `work` so that all its lines, also those of drivers and BMC sessions, carry these ids. */
export const withWorkIds = <T>(ids: WorkIds, work: () => T): T => storage.run(ids, work)

/** Runs `work` that serves many callers: its lines carry the ids of none of them. */
export const withoutWorkIds = <T>(work: () => T): T => storage.run({}, work)

/** The ids of the work under way. */
export const workIds = (): WorkIds => storage.getStore() ?? {}
