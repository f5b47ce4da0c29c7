import type { ConfChanges } from '../../../scripts/peers/conf.mjs'

/** Where Ferric keeps its state: PGlite; PostgreSQL; PostgreSQL with the queue on Redis and roles apart. */
export type Home = 'embedded' | 'postgres' | 'redis'

export type Ferric = AsyncDisposable & { url: string }

export function startFerric(home: Home, _conf: ConfChanges = {}): Promise<Ferric> {
  return Promise.reject(new Error(`${home}: not yet`))
}
