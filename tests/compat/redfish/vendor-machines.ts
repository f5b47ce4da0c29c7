// Machines of several makers, as far as they were captured, and what is to be read of them.
import type { JsonObject } from '../../../src/db/columns.js'
import { asObject } from '../../../src/protocols/redfish/json.js'
import type { Documents } from '../../_util/redfish/mockup-service.js'
import { documentOf, machineOf, type Captured } from '../../_util/redfish/vendor-documents.js'
import type { BmcReport } from '../../../src/drivers/bmc/probe/report.js'
import type { Survey } from '../../drivers/redfish/_survey.js'

export interface Told {
  readonly power: string | null
  readonly vendor: string | null
  readonly product: unknown
  readonly serial: unknown
  readonly memoryMb: unknown
  readonly health: string | null
  readonly bootMode: string | null
  readonly bootTargets: unknown
  readonly resets: unknown
  readonly secureBoot: Survey['secureBoot']
  /** Settings, and how many of them have rules. */
  readonly bios: readonly [number, number]
  readonly firmware: readonly string[]
  readonly bmcModel: unknown
  readonly media: Survey['media']
  /** How many there are of each. */
  readonly sensors: JsonObject
  readonly quirks: readonly string[]
}

/** What the drivers and `ferric bmc probe` tell of a machine. */
export function told(seen: Survey, probe: BmcReport): Told {
  const vendor = asObject(seen.inventory['system_vendor'])
  const { allowed } = asObject(probe.machine['boot'])
  const { Fan, Temperature, Power } = seen.sensors
  return {
    power: seen.power,
    vendor: seen.vendor,
    product: vendor['product_name'],
    serial: vendor['serial_number'],
    memoryMb: seen.properties['memory_mb'],
    health: seen.health,
    bootMode: seen.bootMode,
    bootTargets: allowed,
    resets: probe.machine['reset_types'],
    secureBoot: seen.secureBoot,
    bios: [typeof seen.biosSettings === 'number' ? seen.biosSettings : 0, seen.biosRules],
    firmware: seen.firmware,
    bmcModel: probe.identity['bmc_model'],
    media: seen.media,
    sensors: { Fan, Temperature, Power },
    quirks: probe.quirks,
  }
}

const notFound = (path: string): string =>
  `Redfish exception occurred. Error: Resource ${path} not found`
const link = (path: string) => ({ '@odata.id': path })

export interface Machine {
  readonly documents: (all: readonly Captured[]) => Documents
  readonly told: Told
  /** The first sensor of each kind, by name. */
  readonly sensors: JsonObject
  /** What is asked for to boot from the network once. */
  readonly boot: { readonly path: string; readonly body: unknown }
}

const of =
  (library: string, ...names: string[]) =>
  (all: readonly Captured[]) =>
    names.map((name) => documentOf(all, library, name))
const once = { Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' } }

/** The system of a PowerEdge R640, the rest of an R750: of one maker, and of the same paths. */
const dell: Machine = {
  documents: (all) =>
    machineOf(
      [
        ...of(
          'libredfish',
          ...['systems', 'system_dell', 'manager_dell', 'bios_dell', 'power-dell', 'thermal-dell'],
        )(all),
        ...of('sushy', 'network_adapter_collection', 'network_adapter')(all),
      ],
      '/redfish/v1/Chassis/System.Embedded.1',
    ),
  told: {
    power: 'power on',
    vendor: 'Dell Inc.',
    product: 'PowerEdge R640',
    serial: 'CNCMS0018C00PT',
    memoryMb: 384 * 1024,
    health: 'OK',
    bootMode: 'uefi',
    bootTargets: [
      ...['None', 'Pxe', 'Floppy', 'Cd', 'Hdd', 'BiosSetup', 'Utilities', 'UefiTarget', 'SDCard'],
      'UefiHttp',
    ],
    resets: [
      ...['On', 'ForceOff', 'ForceRestart', 'GracefulRestart', 'GracefulShutdown'],
      ...['PushPowerButton', 'Nmi', 'PowerCycle'],
    ],
    secureBoot: notFound('/redfish/v1/Systems/System.Embedded.1/SecureBoot'),
    bios: [453, 0],
    firmware: ['bios 2.12.2', 'bmc 5.10.50.15', 'nic:IL7403101N00ZJ 14.25.80.0'],
    bmcModel: '15G Monolithic',
    media: notFound('/redfish/v1/Managers/iDRAC.Embedded.1/VirtualMedia'),
    sensors: { Fan: 6, Temperature: 4, Power: 2 },
    // A 15G is no iDRAC 10.
    quirks: [],
  },
  sensors: {
    '0@System.Embedded.1': { reading: 19560, reading_units: 'RPM', health: 'OK' },
    '0:Power@System.Embedded.1': { line_input_voltage: 240, serial_number: 'CNDED0027Q2N0O' },
  },
  boot: { path: '/redfish/v1/Systems/System.Embedded.1', body: once },
}

const lenovo: Machine = {
  documents: (all) =>
    machineOf(
      [
        ...of(
          'libredfish',
          ...['system_lenovo', 'manager_lenovo', 'bios_lenovo', 'power-lenovo', 'thermal-lenovo'],
        )(all),
        // Of an SE450.
        ...of('sushy', 'settings-body-lenovo-se450')(all),
      ],
      '/redfish/v1/Chassis/1',
    ),
  told: {
    power: 'power on',
    vendor: 'Lenovo',
    product: 'ThinkSystem SR670 V2',
    serial: 'J101RZ43',
    memoryMb: 512 * 1024,
    health: 'OK',
    bootMode: 'uefi',
    bootTargets: ['None', 'Pxe', 'Cd', 'Usb', 'Hdd', 'BiosSetup', 'Diags', 'UefiTarget'],
    resets: [
      ...['On', 'Nmi', 'GracefulShutdown', 'GracefulRestart', 'ForceOn', 'ForceOff'],
      'ForceRestart',
    ],
    secureBoot: notFound('/redfish/v1/Systems/1/SecureBoot'),
    bios: [373, 0],
    firmware: ['bios U8E112A', 'bmc TGBT20E 1.40 2021-05-17'],
    bmcModel: 'Lenovo XClarity Controller',
    media: notFound('/redfish/v1/Managers/1/VirtualMedia'),
    sensors: { Fan: 10, Temperature: 21, Power: 4 },
    quirks: [],
  },
  sensors: {
    '0@1': { reading: 4602, max_reading_range: 15045, reading_units: 'RPM' },
    '0:Power@1': { power_capacity_watts: 2400, serial_number: 'D1DG12N00HD' },
  },
  boot: { path: '/redfish/v1/Systems/1', body: once },
}

/** A DL180 Gen10 with an iLO 5 1.15, whose links say `systems` for `Systems`. */
const ilo5: Machine = {
  documents: (all) =>
    machineOf(
      of(
        'proliantutils',
        ...['root', 'system/default', 'manager', 'chassis', 'bios/Default', 'secure_boot/default'],
        ...['vmedia_collection', 'vmedia/default', 'update_service'],
      )(all),
      '/redfish/v1/Chassis/1',
    ),
  told: {
    power: 'power on',
    vendor: 'HPE',
    product: 'ProLiant DL180 Gen10',
    // Sixteen spaces.
    serial: undefined,
    memoryMb: 8 * 1024,
    health: 'OK',
    bootMode: 'uefi',
    bootTargets: [
      ...['None', 'Cd', 'Hdd', 'Usb', 'SDCard', 'Utilities', 'Diags', 'BiosSetup', 'Pxe'],
      ...['UefiShell', 'UefiHttp', 'UefiTarget'],
    ],
    resets: ['On', 'ForceOff', 'ForceRestart', 'Nmi', 'PushPowerButton'],
    secureBoot: false,
    bios: [226, 0],
    firmware: ['bios U31 v1.00 (03/11/2017)', 'bmc iLO 5 v1.15'],
    bmcModel: null,
    media: [{ media_types: ['CD', 'DVD'], inserted: false, image: '' }],
    sensors: { Fan: 0, Temperature: 0, Power: 0 },
    quirks: [],
  },
  sensors: {},
  boot: { path: '/redfish/v1/Systems/1', body: once },
}

/** An iLO 4 2.55: its system was not captured. */
const ilo4: Machine = {
  documents: (all) =>
    machineOf(
      of('libredfish', 'manager_hp', 'power-hpe', 'thermal-hpe')(all),
      '/redfish/v1/Chassis/1',
      {
        '/redfish/v1/Systems/1': { Id: '1', Links: { Chassis: [link('/redfish/v1/Chassis/1')] } },
      },
    ),
  told: {
    power: null,
    vendor: null,
    product: undefined,
    serial: undefined,
    memoryMb: undefined,
    health: null,
    bootMode: null,
    bootTargets: null,
    resets: [],
    secureBoot:
      'Driver redfish does not support get_secure_boot_state (disabled or not implemented).',
    bios: [0, 0],
    firmware: ['bmc iLO 4 v2.55'],
    bmcModel: null,
    media: notFound('/redfish/v1/Managers/1/VirtualMedia/'),
    sensors: { Fan: 10, Temperature: 46, Power: 2 },
    quirks: [],
  },
  // Its sensors have no ids and the names of before Redfish.
  sensors: {
    '0@1': { reading: 62, reading_units: 'Percent', health: 'OK' },
    '9@1': { reading_units: 'Percent' },
    '0:Power@1': { last_power_output_watts: 299, serial_number: '5DLVA0C4D396AY' },
    '1:Power@1': { last_power_output_watts: 291, serial_number: '5DLVA0C4D396X1' },
  },
  boot: { path: '/redfish/v1/Systems/1', body: once },
}

/** A DPU that has booted nothing yet: what is not set is "". */
const bluefield: Machine = {
  documents: (all) =>
    machineOf(
      of('libredfish', 'system_bluefield_boot_bugs')(all),
      '/redfish/v1/Chassis/Bluefield_BMC',
      { '/redfish/v1/Systems/Bluefield/Settings': link('/redfish/v1/Systems/Bluefield/Settings') },
    ),
  told: {
    power: 'power on',
    vendor: null,
    product: undefined,
    serial: undefined,
    memoryMb: undefined,
    health: 'OK',
    bootMode: null,
    bootTargets: ['None', 'Pxe', 'UefiHttp', 'UefiShell', 'UefiTarget', 'UefiBootNext'],
    resets: null,
    secureBoot: notFound('/redfish/v1/Systems/Bluefield/SecureBoot'),
    bios: [0, 0],
    firmware: [],
    bmcModel: null,
    media: notFound('/redfish/v1/Managers/Bluefield_BMC'),
    sensors: { Fan: 0, Temperature: 0, Power: 0 },
    quirks: [],
  },
  sensors: {},
  boot: { path: '/redfish/v1/Systems/Bluefield', body: once },
}

/** Only BIOS settings and their rules, which are filed under the maker's own name. */
const zt: Machine = {
  documents: (all) =>
    machineOf(
      of(
        'sushy',
        ...['bios_zt', 'bios_attribute_registry_file_zthardware'],
        'bios_attribute_registry_zthardware',
      )(all),
      '/redfish/v1/Chassis/Self',
      {
        '/redfish/v1/Systems/Self': { Id: 'Self', Bios: link('/redfish/v1/Systems/Self/Bios') },
      },
    ),
  told: {
    // As little is known of its system.
    ...ilo4.told,
    bios: [373, 2],
    firmware: [],
    media: 'No suitable virtual media device found',
    sensors: { Fan: 0, Temperature: 0, Power: 0 },
  },
  sensors: {},
  boot: { path: '/redfish/v1/Systems/Self', body: once },
}

export const machines: Readonly<Record<string, Machine>> = {
  'Dell, iDRAC 9': dell,
  'Lenovo ThinkSystem SR670 V2': lenovo,
  'HPE, iLO 5': ilo5,
  'HPE, iLO 4': ilo4,
  'NVIDIA BlueField': bluefield,
  'ZT Systems': zt,
}
