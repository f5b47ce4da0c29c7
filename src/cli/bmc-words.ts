export const bmcVerbs = ['probe', 'sel'] as const

/** What `ferric bmc` is to do. */
export interface BmcQuestion {
  readonly verb: (typeof bmcVerbs)[number]
  /** UUID or name. */
  readonly node: string
  readonly json: boolean
  /** `sel`: empty the log after it was read. */
  readonly clear: boolean
}

export const bmcOptions = {
  json: { type: 'boolean', default: false },
  clear: { type: 'boolean', default: false },
} as const

/** @returns what is wrong with the words, as a text */
export function readBmcWords(
  words: readonly string[],
  { json, clear }: Pick<BmcQuestion, 'json' | 'clear'>,
): BmcQuestion | string {
  const [word, node, more] = words
  const verb = bmcVerbs.find((one) => one === word)
  if (verb === undefined) return 'bmc takes probe or sel, and a node'
  if (node === undefined) return `bmc ${verb} needs the UUID or the name of a node`
  if (clear && verb !== 'sel') return '--clear goes with bmc sel only'
  return more === undefined ? { verb, node, json, clear } : `What is '${more}'?`
}
