/** Tables of IPMI 2.0: sensor types (42-3), units (43-17), entities (43-13), in ipmitool's words. */

const sensorTypes =
  'reserved|Temperature|Voltage|Current|Fan|Physical Security|Platform Security|Processor|Power Supply|Power Unit|Cooling Device|Other|Memory|Drive Slot / Bay|POST Memory Resize|System Firmwares|Event Logging Disabled|Watchdog1|System Event|Critical Interrupt|Button|Module / Board|Microcontroller|Add-in Card|Chassis|Chip Set|Other FRU|Cable / Interconnect|Terminator|System Boot Initiated|Boot Error|OS Boot|OS Critical Stop|Slot / Connector|System ACPI Power State|Watchdog2|Platform Alert|Entity Presence|Monitor ASIC|LAN|Management Subsys Health|Battery|Session Audit|Version Change|FRU State'.split(
    '|',
  )

const units =
  'unspecified|degrees C|degrees F|degrees K|Volts|Amps|Watts|Joules|Coulombs|VA|Nits|lumen|lux|Candela|kPa|PSI|Newton|CFM|RPM|Hz|microsecond|millisecond|second|minute|hour|day|week|mil|inches|feet|cu in|cu feet|mm|cm|m|cu cm|cu m|liters|fluid ounce|radians|steradians|revolutions|cycles|gravities|ounce|pound|ft-lb|oz-in|gauss|gilberts|henry|millihenry|farad|microfarad|ohms|siemens|mole|becquerel|PPM|reserved|Decibels|DbA|DbC|gray|sievert|color temp deg K|bit|kilobit|megabit|gigabit|byte|kilobyte|megabyte|gigabyte|word|dword|qword|line|hit|miss|retry|reset|overflow|underrun|collision|packets|messages|characters|error|correctable error|uncorrectable error|fatal error|grams'.split(
    '|',
  )

const entities =
  'Unspecified|Other|Unknown|Processor|Disk or Disk Bay|Peripheral Bay|System Management Module|System Board|Memory Module|Processor Module|Power Supply|Add-in Card|Front Panel Board|Back Panel Board|Power System Board|Drive Backplane|System Internal Expansion Board|Other System Board|Processor Board|Power Unit|Power Module|Power Management|Chassis Back Panel Board|System Chassis|Sub-Chassis|Other Chassis Board|Disk Drive Bay|Peripheral Bay|Device Bay|Fan Device|Cooling Unit|Cable/Interconnect|Memory Device|System Management Software|BIOS|Operating System|System Bus|Group|Remote Management Device|External Environment|Battery|Processing Blade|Connectivity Switch|Processor/Memory Module|I/O Module|Processor/IO Module|Management Controller Firmware|IPMI Channel|PCI Bus|PCI Express Bus|SCSI Bus (parallel)|SATA/SAS Bus|Processor/Front-Side Bus|Real Time Clock(RTC)|Reserved|Air Inlet|Reserved|Reserved|Reserved|Reserved|Reserved|Reserved|Reserved|Reserved|Air Inlet|Processor|Baseboard/Main System Board'.split(
    '|',
  )

const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`

export const sensorTypeName = (type: number): string =>
  sensorTypes[type] ?? (type >= 0xc0 ? 'OEM' : 'Unknown')

export const entityName = (entity: number): string =>
  entities[entity] ?? (entity >= 0xd0 ? 'OEM' : `Unknown (${hex(entity)})`)

/** The unit of a reading: `degrees C`, `percent`, `byte/second`. */
export function unitName(of: {
  readonly percent: boolean
  readonly base: number
  readonly modifier: number
  readonly relation: number
}): string {
  const base = units[of.base] ?? 'unspecified'
  const modifier = units[of.modifier] ?? 'unspecified'
  const joined =
    of.relation === 2 ? `${base} * ${modifier}` : of.relation === 1 ? `${base}/${modifier}` : base
  if (!of.percent) return joined
  return of.base === 0 ? 'percent' : `% ${joined}`
}
