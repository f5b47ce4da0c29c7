import { fakeBios } from './bios/fake.js'
import { noBios } from './bios/no-bios.js'
import { idracBios, redfishBios } from './redfish/bios/interface.js'
import { fakeBoot } from './boot/fake.js'
import { httpBoot, httpIpxeBoot, ipxeBoot, pxeBoot } from './boot/pxe.js'
import { redfishHttpsBoot } from './redfish/boot/https-boot.js'
import {
  idracVirtualMediaBoot,
  redfishVirtualMediaBoot,
} from './redfish/boot/virtual-media-boot.js'
import { fakeConsole } from './console/fake.js'
import { ipmitoolShellinaboxConsole, ipmitoolSocatConsole } from './ipmi/console/interface.js'
import { noConsole } from './console/no-console.js'
import { customAgentDeploy, directDeploy } from './deploy/agent.js'
import { anacondaDeploy } from './deploy/anaconda.js'
import { autodetectDeploy } from './deploy/autodetect.js'
import { bootcDeploy } from './deploy/bootc.js'
import { classicAgentDeploy } from './deploy/classic-agent.js'
import { fakeDeploy } from './deploy/fake.js'
import { iscsiDeploy } from './deploy/iscsi/iscsi.js'
import { noopDeploy } from './deploy/noop.js'
import { ramdiskDeploy } from './deploy/ramdisk.js'
import { DriverLoadError } from './errors.js'
import { fakeFirmware } from './firmware/fake.js'
import { noFirmware } from './firmware/no-firmware.js'
import { redfishFirmware } from './redfish/firmware/interface.js'
import { classicDrivers } from './hardware/classic.js'
import { fakeHardware } from './hardware/fake-hardware.js'
import { intelIpmi, ipmi } from './hardware/ipmi.js'
import { manualManagement } from './hardware/manual-management.js'
import { idrac, redfish } from './hardware/redfish.js'
import { agentInspect } from './inspect/agent.js'
import { fakeInspect } from './inspect/fake.js'
import { noInspect } from './inspect/no-inspect.js'
import { idracInspect, redfishInspect } from './redfish/inspect/interface.js'
import { interfaceKinds, type BaseInterface, type InterfaceKind } from './interfaces.js'
import type { HardwareType } from './hardware/type.js'
import { fakeManagement } from './management/fake.js'
import { intelIpmitoolManagement, ipmitoolManagement } from './ipmi/management/interface.js'
import { noopManagement } from './management/noop.js'
import { idracManagement, redfishManagement } from './redfish/management/interface.js'
import { flatNetwork } from './network/flat.js'
import { neutronNetwork } from './network/neutron.js'
import { noopNetwork } from './network/noop.js'
import type { DriverPackage } from './packages.js'
import { agentPower } from './power/agent.js'
import { fakePower } from './power/fake.js'
import { ipmitoolPower } from './ipmi/power/interface.js'
import { idracPower, redfishPower } from './redfish/power/interface.js'
import { agentRaid } from './raid/agent.js'
import { fakeRaid } from './raid/fake.js'
import { noRaid } from './raid/no-raid.js'
import { idracRaid } from './redfish/raid/idrac.js'
import { redfishRaid } from './redfish/raid/interface.js'
import { agentRescue } from './rescue/agent.js'
import { fakeRescue } from './rescue/fake.js'
import { noRescue } from './rescue/no-rescue.js'
import { cinderStorage } from './storage/cinder.js'
import { externalStorage } from './storage/external.js'
import { fakeStorage } from './storage/fake.js'
import { noopStorage } from './storage/noop.js'
import { agentVendor, withAgentCalls } from './vendor/agent.js'
import { fakeVendor, fakeVendorMixin } from './vendor/fake.js'
import { ipmitoolVendor } from './ipmi/vendor/interface.js'
import { iscsiVendor, withIscsiCalls } from './vendor/iscsi.js'
import { noVendor } from './vendor/no-vendor.js'
import { idracVendor, redfishVendor } from './redfish/vendor/interface.js'

/** Everything that exists, whether it is enabled or not. */
export interface Catalogue {
  readonly hardwareTypes: ReadonlyMap<string, HardwareType>
  readonly interfaces: Readonly<Record<InterfaceKind, ReadonlyMap<string, BaseInterface>>>
}

const builtinHardwareTypes: readonly HardwareType[] = [
  fakeHardware,
  manualManagement,
  ipmi,
  intelIpmi,
  redfish,
  idrac,
  ...classicDrivers,
]

const builtinInterfaces: readonly BaseInterface[] = [
  fakeBios,
  noBios,
  redfishBios,
  idracBios,
  fakeBoot,
  pxeBoot,
  ipxeBoot,
  httpBoot,
  httpIpxeBoot,
  redfishVirtualMediaBoot,
  redfishHttpsBoot,
  idracVirtualMediaBoot,
  fakeConsole,
  noConsole,
  ipmitoolSocatConsole,
  ipmitoolShellinaboxConsole,
  fakeDeploy,
  noopDeploy,
  iscsiDeploy,
  directDeploy,
  customAgentDeploy,
  ramdiskDeploy,
  anacondaDeploy,
  bootcDeploy,
  classicAgentDeploy,
  autodetectDeploy,
  fakeFirmware,
  noFirmware,
  redfishFirmware,
  fakeInspect,
  noInspect,
  agentInspect,
  redfishInspect,
  idracInspect,
  fakeManagement,
  noopManagement,
  ipmitoolManagement,
  intelIpmitoolManagement,
  redfishManagement,
  idracManagement,
  noopNetwork,
  flatNetwork,
  neutronNetwork,
  fakePower,
  agentPower,
  ipmitoolPower,
  redfishPower,
  idracPower,
  fakeRaid,
  noRaid,
  agentRaid,
  redfishRaid,
  idracRaid,
  fakeRescue,
  noRescue,
  agentRescue,
  fakeStorage,
  noopStorage,
  externalStorage,
  cinderStorage,
  fakeVendor,
  fakeVendorMixin,
  agentVendor,
  withAgentCalls('ipmitool-agent', ipmitoolVendor),
  noVendor,
  iscsiVendor,
  ipmitoolVendor,
  withIscsiCalls('ipmitool-iscsi', ipmitoolVendor),
  redfishVendor,
  idracVendor,
]

/**
 * Joins what is built in with what packages bring.
 * @throws DriverLoadError when a package takes a name that is taken
 */
export function buildCatalogue(packages: readonly DriverPackage[]): Catalogue {
  const types = new Map<string, HardwareType>()
  const interfaces = Object.fromEntries(
    interfaceKinds.map((kind) => [kind, new Map<string, BaseInterface>()]),
  ) as Record<InterfaceKind, Map<string, BaseInterface>>
  const all = [{ hardwareTypes: builtinHardwareTypes, interfaces: builtinInterfaces }, ...packages]
  for (const source of all) {
    for (const type of source.hardwareTypes) add(types, type)
    for (const item of source.interfaces) add(interfaces[item.kind], item)
  }
  return { hardwareTypes: types, interfaces }
}

function add<T extends { readonly name: string }>(to: Map<string, T>, item: T): void {
  if (to.has(item.name)) throw new DriverLoadError(item.name, 'the name is taken')
  to.set(item.name, item)
}
