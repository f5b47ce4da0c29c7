import { optStr } from '../declare.js'

/** `[console]`. */
export const consoleOptions = {
  port_range: optStr('Ports for serial consoles, "first:last".'),
} as const
