// Every scenario, in the order they run.
import type { Scenario } from '../scenario.js'
import { bmcObeys } from './bmc.js'

export const scenarios: Scenario[] = [
  { name: 'machines obey their BMC', ci: true, minutes: 4, run: bmcObeys },
]
