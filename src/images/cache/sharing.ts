/** Work that several want at once is done once, and stopped when nobody wants it any more. */
export interface Sharing<T> {
  /**
   * @param start begins the work when nobody has; its signal fires when all have left
   * @param use takes what this caller wants of the result, before it may be discarded
   */
  take(
    key: string,
    signal: AbortSignal,
    start: (signal: AbortSignal) => Promise<T>,
    use: (result: T) => Promise<void>,
  ): Promise<T>
}

interface Running<T> {
  readonly result: Promise<T>
  readonly controller: AbortController
  callers: number
}

/** @param discard ends a result once the last caller has used it */
export function createSharing<T>(discard: (result: T) => Promise<void>): Sharing<T> {
  const running = new Map<string, Running<T>>()

  const begin = (key: string, start: (signal: AbortSignal) => Promise<T>): Running<T> => {
    const controller = new AbortController()
    const work = { result: start(controller.signal), controller, callers: 0 }
    const forget = () => {
      if (running.get(key) === work) running.delete(key)
    }
    work.result.then(forget, forget)
    running.set(key, work)
    return work
  }

  const leave = async (key: string, work: Running<T>): Promise<void> => {
    if (--work.callers > 0) return
    if (running.get(key) === work) running.delete(key)
    work.controller.abort()
    await work.result.then(discard, () => undefined)
  }

  return {
    async take(key, signal, start, use) {
      signal.throwIfAborted()
      const work = running.get(key) ?? begin(key, start)
      work.callers++
      try {
        const result = await abortable(work.result, signal)
        await use(result)
        return result
      } finally {
        await leave(key, work)
      }
    },
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason as Error)
    signal.addEventListener('abort', aborted, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted))
  })
}
