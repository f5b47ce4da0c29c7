// What a scenario is, and what it is given.
import type { Rack } from './rack.js'

/** One story of the rack. `ci` ones run on every change, within `minutes`. */
export type Scenario = {
  name: string
  ci: boolean
  minutes: number
  run: (rack: Rack) => Promise<void>
}
