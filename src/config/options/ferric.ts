import { bool, int, list, multi, optInt, optStr, str } from '../declare.js'

/** `[ferric]`: the options Ironic does not have. */
export const ferric = {
  queue_url: optStr('redis:// URL of the queue; the database carries it unless set.', {
    secret: true,
  }),
  postgres_user: str(
    'nobody',
    'Account that the embedded PostgreSQL runs under where Ferric is root.',
  ),
  log_format: str(
    'auto',
    'Lines of the log: text for people, json one object each; auto is text on a terminal, else json.',
    { choices: ['auto', 'text', 'json'] },
  ),
  driver_packages: list([], 'Packages that add hardware types or interfaces.'),
  principals_file: optStr(
    'File that gives HTTP Basic users and static tokens a project, roles and a scope.',
  ),
  requests_per_minute: int(0, 'Requests a user may make in a minute; 0 does not count them.', {
    min: 0,
  }),
  ramdisk_port: optInt('Port of a listener that serves ramdisks alone; none unless set.'),
  ramdisk_host_ip: str('127.0.0.1', 'Address of that listener.'),
  health_port: optInt(
    'Port of a listener that serves /healthz, /readyz and /metrics alone; none unless set.',
  ),
  health_host_ip: str('127.0.0.1', 'Address of that listener.'),
  timeline: bool(true, 'Keep a feed of what happens to each node.'),
  timeline_max_entries: int(2000, 'Entries of that feed kept per node; 0 keeps all.', { min: 0 }),
  timeline_days: int(30, 'Days they are kept; 0 keeps them for ever.', { min: 0 }),
  ipmi_engine: str(
    'native',
    'What speaks IPMI: native is Ferric itself, ipmitool runs the program of that name.',
    { choices: ['native', 'ipmitool'] },
  ),
  ipmi_keep_sessions: bool(
    true,
    'Keep IPMI sessions between two rounds of the power sync at BMCs that have sessions to spare.',
  ),
  boot: bool(false, '`ferric serve` also answers DHCP, TFTP and HTTP of machines that boot.'),
  boot_links: list([], 'Interfaces or addresses machines are served on; all unless set.'),
  boot_http_port: int(8080, 'Port of the HTTP server for machines.', { min: 0, max: 65535 }),
  boot_tftp_port: int(69, 'Port of the TFTP server.', { min: 0, max: 65535 }),
  boot_ipv6: bool(false, 'Also serve DHCPv6 and TFTP over IPv6.'),
  dhcp_range: multi(
    [],
    'Addresses for known machines: FIRST-LAST/PREFIX[,router=A][,dns=A][,domain=NAME]; repeat it. ' +
      'Without one Ferric adds boot files to the answers of another DHCP server (ProxyDHCP).',
  ),
  dhcp_lease_time: int(3600, 'Seconds an address is given for.', { min: 60 }),
} as const
