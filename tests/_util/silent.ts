import { createLoggers } from '../../src/log/logger.js'

/** Loggers of a process that writes nothing. */
export const silent = createLoggers({ level: 'silent' })
