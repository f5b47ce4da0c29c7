import { bool, optStr, str } from '../declare.js'

/** `[auto_discovery]`. */
export const autoDiscovery = {
  enabled: bool(false, 'Enrol machines that send inspection data and are not known.'),
  driver: optStr('Driver of nodes enrolled so.'),
} as const

/** `[inventory]`. */
export const inventory = {
  data_backend: str('database', 'Where inspection data are kept.', {
    choices: ['database', 'none'],
  }),
} as const

/** `[inspection_rules]`. */
export const inspectionRules = {
  built_in_rules: optStr('YAML file of rules beside those of the API.'),
  mask_secrets: str('always', 'When rules see driver_info with its secrets hidden.', {
    choices: ['always', 'never', 'sensitive'],
  }),
} as const
