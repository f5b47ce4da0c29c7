import { bool, list, str } from '../declare.js'

/** `[oslo_policy]`. */
export const osloPolicy = {
  enforce_scope: bool(true, 'Refuse tokens of a scope a rule does not list.'),
  enforce_new_defaults: bool(true, 'Leave out the old checks as alternatives to the new ones.'),
  policy_file: str('policy.yaml', 'File of rules that replace defaults, beside the configuration.'),
  policy_default_rule: str('default', 'Rule asked in place of one that does not exist.'),
  policy_dirs: list(['policy.d'], 'Directories of such files.'),
} as const
