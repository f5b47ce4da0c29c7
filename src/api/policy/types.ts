/** What a rule may look at: the object acted on, by upstream's target names. */
export type PolicyTarget = Readonly<Record<string, unknown>>

/** Who asks, and what they may do. */
export interface AuthContext {
  readonly userId: string | null
  readonly projectId: string | null
  readonly roles: readonly string[]
  readonly systemScope: string | null
  /** Whether a rule holds. Rule names are upstream's: `baremetal:node:get`. */
  can(rule: string, target?: PolicyTarget): boolean
  /** @throws PolicyForbidden when the rule does not hold, InvalidScope for a token of another scope */
  authorize(rule: string, target?: PolicyTarget): void
  /** Whether a rule exists: per-step rules are only asked where an operator made them. */
  knowsRule(rule: string): boolean
}
