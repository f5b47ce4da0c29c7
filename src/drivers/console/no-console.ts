import type { ConsoleInterface } from '../interfaces.js'
import { refuse } from '../support.js'

export const noConsole: ConsoleInterface = {
  name: 'no-console',
  kind: 'console',
  properties: {},
  validate: refuse('console'),
  startConsole: refuse('console'),
  stopConsole: refuse('console'),
  getConsole: refuse('console'),
}
