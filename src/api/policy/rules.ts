import { nodeRules } from './rules/nodes.js'
import { resourceRules } from './rules/resources.js'
import type { RuleDefault } from './rules/rule.js'

export type { RuleDefault, Scope } from './rules/rule.js'

/** Upstream's policy rules, in upstream's order (`ironic/common/policy.py`, API 1.115). */
export const ruleDefaults: readonly RuleDefault[] = [...nodeRules, ...resourceRules]
