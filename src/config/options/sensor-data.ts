import { bool, int, list } from '../declare.js'

/** `[sensor_data]`. Ferric has no message bus: the readings are in the log and at `/metrics`. */
export const sensorData = {
  send_sensor_data: bool(false, 'Read the sensors of machines and publish what they say.'),
  interval: int(600, 'Seconds between two rounds.', { min: 1 }),
  workers: int(4, 'Machines read at once.', { min: 1 }),
  wait_timeout: int(300, 'Seconds a round may take; 0: for ever.', { min: 0 }),
  data_types: list(['ALL'], 'Kinds of sensors that are published, or ALL.'),
  enable_for_undeployed_nodes: bool(false, 'Not only nodes in active.'),
  enable_for_nodes: bool(true, 'Sensors of machines.'),
} as const
