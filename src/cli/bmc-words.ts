/** What `ferric bmc` is to do. */
export interface BmcQuestion {
  readonly verb: 'probe'
  /** UUID or name. */
  readonly node: string
  readonly json: boolean
}

export const bmcOptions = {
  json: { type: 'boolean', default: false },
} as const

/** @returns what is wrong with the words, as a text */
export function readBmcWords(words: readonly string[], json: boolean): BmcQuestion | string {
  const [verb, node, more] = words
  if (verb !== 'probe') return 'bmc takes probe and a node'
  if (node === undefined) return 'bmc probe needs the UUID or the name of a node'
  return more === undefined ? { verb, node, json } : `What is '${more}'?`
}
