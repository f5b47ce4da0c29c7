/** What `ferric policy` is asked. */
export interface PolicyQuestion {
  /** The words after `policy`: `list`, or `check` and the name of a rule. */
  readonly words: readonly string[]
  readonly user: string | undefined
  readonly roles: readonly string[]
  readonly project: string | undefined
  readonly system: boolean
  /** What the rule looks at: `node.owner=<project>`. */
  readonly target: readonly string[]
}

export const policyOptions = {
  user: { type: 'string' },
  role: { type: 'string', multiple: true, default: [] as string[] },
  project: { type: 'string' },
  system: { type: 'boolean', default: false },
  target: { type: 'string', multiple: true, default: [] as string[] },
} as const

/** What is wrong with the words, or null. */
export function policyProblem(words: readonly string[]): string | null {
  const [verb, rule, ...more] = words
  if (verb === 'list') return rule === undefined ? null : `What is '${rule}'?`
  if (verb !== 'check') return 'policy takes list, or check and the name of a rule'
  if (rule === undefined) return 'policy check needs the name of a rule'
  return more[0] === undefined ? null : `What is '${more[0]}'?`
}
