import type { PolicyTarget } from './types.js'

/** What a check may look at about the caller. */
export interface Credentials {
  readonly roles: readonly string[]
  /** `user_id`, `project_id`, `project_name`, `system_scope` … as the checks name them. */
  readonly values: Readonly<Record<string, unknown>>
}

/** What a check is evaluated against. */
export interface CheckScope {
  readonly credentials: Credentials
  readonly target: PolicyTarget
  /** Evaluates another rule by name. */
  readonly rule: (name: string) => boolean
}
