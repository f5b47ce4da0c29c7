/** What may be said of one logical disk (`drivers/raid_config_schema.json`). */
export interface LogicalDiskProperty {
  readonly type: 'string' | 'integer' | 'boolean' | 'size' | 'disks'
  readonly values?: readonly string[]
  readonly description: string
}

const property = (
  type: LogicalDiskProperty['type'],
  description: string,
  values?: readonly string[],
): LogicalDiskProperty =>
  values === undefined ? { type, description } : { type, description, values }

/** Keys in upstream's order: it decides which of two faults is named first. */
export const logicalDiskSchema: Readonly<Record<string, LogicalDiskProperty>> = {
  raid_level: property(
    'string',
    "RAID level for the logical disk. Valid values are 'JBOD', '0', '1', '2', '5', '6', '1+0', '5+0' and '6+0'. Required.",
    ['JBOD', '0', '1', '2', '5', '6', '1+0', '5+0', '6+0'],
  ),
  size_gb: property(
    'size',
    "Size in GiB (Integer) for the logical disk. Use 'MAX' as size_gb if this logical disk is supposed to use the rest of the space available. Required.",
  ),
  volume_name: property(
    'string',
    'Name of the volume to be created. If this is not specified, it will be auto-generated. Optional.',
  ),
  is_root_volume: property(
    'boolean',
    'Specifies whether this disk is a root volume. By default, this is False. Optional.',
  ),
  share_physical_disks: property(
    'boolean',
    'Specifies whether other logical disks can share physical disks with this logical disk. By default, this is False. Optional.',
  ),
  disk_type: property(
    'string',
    "The type of disk preferred. Valid values are 'hdd' and 'ssd'. If this is not specified, disk type will not be a selection criterion for choosing backing physical disks. Optional.",
    ['hdd', 'ssd'],
  ),
  interface_type: property(
    'string',
    "The interface type of disk. Valid values are 'sata', 'scsi' and 'sas'. If this is not specified, interface type will not be a selection criterion for choosing backing physical disks. Optional.",
    ['sata', 'scsi', 'sas'],
  ),
  number_of_physical_disks: property(
    'integer',
    'Number of physical disks to use for this logical disk. By default, the driver uses the minimum number of disks required for that RAID level. Optional.',
  ),
  controller: property(
    'string',
    'Controller to use for this logical disk. If not specified, the driver will choose a suitable RAID controller on the bare metal node. Optional.',
  ),
  physical_disks: property(
    'disks',
    'The physical disks to use for this logical disk. If not specified, the driver will choose suitable physical disks to use. Optional.',
  ),
}

/** Property name to text: the answer of `raid/logical_disk_properties`. */
export const logicalDiskProperties = (): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(logicalDiskSchema).map(([name, p]) => [name, p.description]))
