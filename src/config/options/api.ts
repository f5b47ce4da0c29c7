import { bool, int, list, optStr, str } from '../declare.js'

/** `[api]`. */
export const api = {
  host_ip: str('127.0.0.1', 'Address the API listens on.'),
  unix_socket: optStr('Unix socket the API listens on instead of an address and a port.'),
  unix_socket_mode: optStr('Permissions of that socket, in octal; those of the umask unless set.', {
    pattern: { matches: /^0?[0-7]{3}$/, expected: 'three octal digits, as in 0660' },
  }),
  port: int(6385, 'Port the API listens on; 0 takes a free one.', { min: 0, max: 65535 }),
  enable_ssl_api: bool(false, 'Answer HTTPS instead of HTTP.'),
  cert_file: optStr('Certificate of the API, with its chain, in PEM.', {
    deprecatedNames: ['ssl.cert_file'],
  }),
  key_file: optStr('Private key of the certificate, in PEM.', {
    deprecatedNames: ['ssl.key_file'],
  }),
  tls_minimum_version: str('1.3', 'Oldest TLS version a client may speak.', {
    choices: ['1.2', '1.3'],
  }),
  tls_ciphers: optStr("Ciphers, as OpenSSL lists them; Node's own unless set."),
  public_endpoint: optStr('Base of the links in answers; taken from the request unless set.'),
  max_limit: int(1000, 'Most items in one page of a list.', { min: 1 }),
  restrict_lookup: bool(true, 'Lookup answers only for nodes in states that expect a ramdisk.'),
  ramdisk_heartbeat_timeout: int(300, 'Seconds between heartbeats the ramdisk is told to keep.', {
    min: 1,
  }),
  enable_ramdisk_endpoints: bool(true, 'Serve lookup, heartbeat and continue_inspection.'),
  max_json_body_depth: int(25, 'Deepest nesting of a JSON body.', { min: 1 }),
  max_json_body_size: int(1024, 'Largest JSON body in KiB.', { min: 1 }),
  max_json_body_size_provision: int(65536, 'The same for states/provision, in KiB.', { min: 1 }),
  max_json_body_size_inspection: int(16384, 'The same for continue_inspection, in KiB.', {
    min: 1,
  }),
  disallowed_enrollment_boot_modes: list([], 'Boot modes nodes may not be enrolled with.'),
  project_admin_can_manage_own_nodes: bool(
    true,
    'Administrators of a project may create and delete nodes that it owns.',
  ),
  disallow_clean_steps: list(['vendor.send_raw'], 'Clean steps nobody may ask for.'),
  disallow_deploy_steps: list(['vendor.send_raw'], 'Deploy steps nobody may ask for.'),
  disallow_service_steps: list(['vendor.send_raw'], 'Service steps nobody may ask for.'),
} as const
