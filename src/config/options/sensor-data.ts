import { bool, int, list } from '../declare.js'

/** `[sensor_data]`. Ferric has no message bus: the readings are in the log and at `/metrics`. */
export const sensorData = {
  send_sensor_data: bool(false, 'Read the sensors of machines and publish the readings.', {
    deprecatedNames: ['conductor.send_sensor_data'],
  }),
  interval: int(600, 'Seconds between two rounds.', {
    min: 1,
    deprecatedNames: ['conductor.send_sensor_data_interval'],
  }),
  workers: int(4, 'Machines read at once.', {
    min: 1,
    deprecatedNames: ['conductor.send_sensor_data_workers'],
  }),
  wait_timeout: int(300, 'Seconds a round may take; 0 means no limit.', {
    min: 0,
    deprecatedNames: ['conductor.send_sensor_data_wait_timeout'],
  }),
  data_types: list(['ALL'], 'Kinds of sensors that are published, or ALL.', {
    deprecatedNames: ['conductor.send_sensor_data_types'],
  }),
  enable_for_undeployed_nodes: bool(false, 'Not only nodes in active.', {
    deprecatedNames: ['conductor.send_sensor_data_for_undeployed_nodes'],
  }),
  enable_for_nodes: bool(true, 'Sensors of machines.'),
} as const
