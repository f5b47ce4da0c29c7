import { int, optStr } from '../declare.js'

/** `[console]`. */
export const consoleOptions = {
  port_range: optStr('Ports for serial consoles, "first:last", several separated by commas.'),
  socat_address: optStr('Address the ports of serial consoles are opened on; my_ip unless set.'),
  terminal_timeout: int(600, 'Seconds of silence after which a console is closed; 0: never.', {
    min: 0,
  }),
} as const
