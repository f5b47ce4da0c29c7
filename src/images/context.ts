import type { ProcessContext } from '../process-context.js'

/** What handling images needs of a process. */
export type ImageContext = Pick<ProcessContext, 'config' | 'clock' | 'log' | 'services'>
