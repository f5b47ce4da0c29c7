export type Scope = 'system' | 'project' | 'domain'

/**
 * One of upstream's policy rules with its default (`ironic/common/policy.py`, API 1.115), in
 * oslo.policy's language. `scope` lists the token scopes a rule may be asked with; `legacy` is
 * the old check that is an alternative while `[oslo_policy] enforce_new_defaults` is false.
 */
export interface RuleDefault {
  readonly name: string
  readonly check: string
  /** Null: any scope. */
  readonly scope: readonly Scope[] | null
  readonly legacy?: string
  /** The rule the old check belonged to, where it had another name. */
  readonly legacyName?: string
}
