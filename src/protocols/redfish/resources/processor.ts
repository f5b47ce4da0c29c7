import { load, number, optional, text, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import { members } from './collection.js'
import type { System } from './system.js'

const shape = {
  type: optional('ProcessorType', text),
  model: optional('Model', text),
  maxSpeedMhz: optional('MaxSpeedMHz', number),
  instructionSet: optional('InstructionSet', text),
  totalThreads: optional('TotalThreads', number),
}
export type Processor = Loaded<typeof shape>

/**
 * The processors that are CPUs; none where the service does not show them. Dell's list begins with
 * the GPUs of machines that have some.
 * @throws BmcError
 */
export async function processorsOf(talk: Talk, system: System): Promise<Processor[]> {
  if (system.processors === null) return []
  const documents = await members(talk, system.processors)
  const all = documents.map((document) => load(shape, document))
  return all.filter(({ type }) => type === null || type === 'CPU')
}
