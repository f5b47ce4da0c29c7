import type { AppContext } from '../context.js'

/** What handling images needs of a process. */
export type ImageContext = Pick<AppContext, 'config' | 'clock' | 'log'>
