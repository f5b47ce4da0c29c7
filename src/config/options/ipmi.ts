import { bool, int, list, multi } from '../declare.js'

/** `[ipmi]`. */
export const ipmi = {
  command_retry_timeout: int(60, 'Seconds a command to a BMC may take with all its repetitions.', {
    min: 1,
  }),
  min_command_interval: int(5, 'Seconds a BMC rests between two operations.', { min: 0 }),
  disable_boot_timeout: bool(
    true,
    'Tell BMCs not to drop the boot device after 60 seconds; driver_info overrides.',
  ),
  cipher_suite_versions: list(
    [],
    'Cipher suites to try on nodes without ipmi_cipher_suite, the last one first.',
  ),
  use_ipmitool_retries: bool(
    false,
    'With ipmi_engine = ipmitool: let ipmitool repeat commands instead of Ferric.',
  ),
  additional_retryable_ipmi_errors: multi(
    [],
    'With ipmi_engine = ipmitool: more texts of errors after which it is run again.',
  ),
  store_cred_in_env: bool(
    false,
    'With ipmi_engine = ipmitool: pass the password in the environment, not in a file.',
  ),
  debug: bool(false, 'With ipmi_engine = ipmitool: log what ipmitool -v says.'),
} as const
