import type { Loggers } from './log/logger.js'

/**
 * What lives as long as the process and exists once in it: clients, caches, batchers, schedulers.
 * A module declares its own with `service`; a context carries the `Services` that own them, and a
 * copy of the context shares them.
 */

/** A context that carries the services of its process. */
export interface ServiceContext {
  readonly services: Services
}

/** How one service is made and closed. */
export interface ServiceDefinition<C extends ServiceContext, T> {
  /** For the log. */
  readonly name: string
  /** Makes the service on first use. A service that it uses must be read here, so that it is closed later. */
  create(ctx: C): T
  /** Releases what the service holds; absent: it holds only memory. */
  close?(instance: T, ctx: C): Promise<void> | void
}

/** Returns the service of a context's process, which it creates on first use. */
export interface Service<C extends ServiceContext, T> {
  (ctx: C): T
  readonly definition: ServiceDefinition<C, T>
}

/** Declares a service. */
export function service<C extends ServiceContext, T>(
  definition: ServiceDefinition<C, T>,
): Service<C, T> {
  const read = (ctx: C): T => ctx.services.get(definition, ctx)
  return Object.assign(read, { definition })
}

interface Closer {
  readonly name: string
  close(): Promise<void> | void
}

/** The services of one process: created on first use, closed together in reverse order. */
export class Services implements AsyncDisposable {
  readonly #log: Loggers
  readonly #instances = new Map<unknown, unknown>()
  readonly #closers: Closer[] = []
  #isClosed = false

  constructor(log: Loggers) {
    this.#log = log
  }

  /**
   * Returns the service of a definition, which it creates on first use.
   * @throws Error after `close`, when the service does not exist yet
   */
  get<C extends ServiceContext, T>(definition: ServiceDefinition<C, T>, ctx: C): T {
    if (this.#instances.has(definition)) return this.#instances.get(definition) as T
    if (this.#isClosed) throw new Error(`the process is closing: no ${definition.name} any more`)
    const instance = definition.create(ctx)
    this.#instances.set(definition, instance)
    const close = () => definition.close?.(instance, ctx)
    this.#closers.push({ name: definition.name, close })
    return instance
  }

  /** Sets the instance of a service, which its provider closes. Replaces an existing one. */
  provide<C extends ServiceContext, T>({ definition }: Service<C, T>, instance: T): void {
    this.#instances.set(definition, instance)
  }

  /** Closes all services, the newest first. An error of one reaches the log and stops no other. */
  async close(): Promise<void> {
    for (let next = this.#closers.pop(); next; next = this.#closers.pop()) {
      try {
        await next.close()
      } catch (error) {
        this.#log.process.error({ error, service: next.name }, 'a service could not be closed')
      }
    }
    this.#isClosed = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
