import type * as schema from './schema/index.js'

/** Row types, one per table, named as the object they hold. */
export type NodeRow = typeof schema.nodes.$inferSelect
export type NodeInsert = typeof schema.nodes.$inferInsert
export type NodeUpdate = Partial<NodeInsert>
export type PortRow = typeof schema.ports.$inferSelect
export type PortgroupRow = typeof schema.portgroups.$inferSelect
export type ChassisRow = typeof schema.chassis.$inferSelect
export type ConductorRow = typeof schema.conductors.$inferSelect
export type HardwareInterfaceRow = typeof schema.conductorHardwareInterfaces.$inferSelect
export type VolumeConnectorRow = typeof schema.volumeConnectors.$inferSelect
export type VolumeTargetRow = typeof schema.volumeTargets.$inferSelect
export type BiosSettingRow = typeof schema.biosSettings.$inferSelect
export type FirmwareComponentRow = typeof schema.firmwareInformation.$inferSelect
export type AllocationRow = typeof schema.allocations.$inferSelect
export type DeployTemplateRow = typeof schema.deployTemplates.$inferSelect
export type DeployTemplateStepRow = typeof schema.deployTemplateSteps.$inferSelect
export type RunbookRow = typeof schema.runbooks.$inferSelect
export type RunbookStepRow = typeof schema.runbookSteps.$inferSelect
export type NodeHistoryRow = typeof schema.nodeHistory.$inferSelect
export type NodeInventoryRow = typeof schema.nodeInventory.$inferSelect
export type InspectionRuleRow = typeof schema.inspectionRules.$inferSelect
export type TaskRow = typeof schema.tasks.$inferSelect
export type ReservationRow = typeof schema.reservations.$inferSelect
export type TimelineRow = typeof schema.timeline.$inferSelect
