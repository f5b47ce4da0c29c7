import { bool, int, str } from '../declare.js'

/** `[conductor]`. */
export const conductor = {
  workers_pool_size: int(300, 'Tasks one conductor runs at once.', { min: 3 }),
  heartbeat_interval: int(10, 'Seconds between keepalives of a conductor.', { min: 1 }),
  heartbeat_timeout: int(
    60,
    'Seconds after which a silent conductor is offline; 0 trusts the flag.',
    { min: 0 },
  ),
  node_locked_retry_attempts: int(3, 'Attempts to reserve a node.', { min: 0 }),
  node_locked_retry_interval: int(1, 'Seconds between them.', { min: 1 }),
  conductor_group: str('', 'Group this conductor serves.'),
  automated_clean: bool(true, 'Clean nodes after tear down and on provide.'),
  allow_deleting_available_nodes: bool(true, 'Nodes in available may be deleted.'),
  allow_provisioning_in_maintenance: bool(true, 'Cleaning and the like may go on in maintenance.'),
  node_history: bool(true, 'Keep history rows.'),
  record_step_flows_in_history: bool(true, 'History rows at the start and end of step flows.'),
} as const
