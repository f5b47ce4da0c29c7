import { int, optStr } from '../declare.js'

/** `[database]`. */
export const database = {
  connection: optStr(
    'postgresql:// URL, or embedded:///path; embedded under state_path unless set.',
    {
      secret: true,
    },
  ),
  max_pool_size: int(10, 'Most PostgreSQL connections of one process.', { min: 1 }),
} as const
