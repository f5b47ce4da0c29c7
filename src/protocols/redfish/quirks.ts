/** What a service does otherwise than others. All false: it does as the standard says. */
export interface Quirks {
  /** Takes a boot change only with target, enabled and mode together. */
  readonly fullBootRequest: boolean
  /** Wants "enabled" with every boot change, also when it stays as it is. */
  readonly alwaysSendsEnabled: boolean
  /** Shows virtual CDs as USB drives: booting from `Cd` finds nothing. */
  readonly virtualCdIsUsbCd: boolean
  /** Forgets the boot mode when the boot device is set. */
  readonly forgetsBootMode: boolean
  /** Boots only from the virtual media slot of this id. */
  readonly onlyVirtualMediaSlot: string | null
}

const none: Quirks = {
  fullBootRequest: false,
  alwaysSendsEnabled: false,
  virtualCdIsUsbCd: false,
  forgetsBootMode: false,
  onlyVirtualMediaSlot: null,
}

/** Who made the service, as far as it tells. */
export interface Maker {
  /** Vendor of the service root, else manufacturer of the system, else what an operator said. */
  readonly vendor: string | null
  /** Model of the manager (BMC). */
  readonly managerModel?: string | null
}

interface Entry {
  /** What operators see of it. */
  readonly name: string
  readonly applies: (maker: Maker) => boolean
  readonly quirks: Partial<Quirks>
}

const vendorSays =
  (...words: readonly string[]) =>
  ({ vendor }: Maker): boolean =>
    words.some((word) => vendor?.toLowerCase().includes(word) ?? false)
const vendorIs =
  (name: string) =>
  ({ vendor }: Maker): boolean =>
    vendor?.toLowerCase() === name

/** Dell's generation of an iDRAC, from its model: `17G Monolithic`. */
const dellGeneration = (model: string | null | undefined): number =>
  Number(/^(\d+)G\b/.exec(model ?? '')?.[1] ?? 0)

/**
 * No row has a capture of the machine it is about, as far as we have any (tests/compat/redfish-vendors.test.ts,
 * tests/protocols/redfish/fixtures): they are upstream's. The captures there are show whom they leave alone.
 */
const table: readonly Entry[] = [
  // Not captured. Upstream: VENDORS_REQUIRING_FULL_BOOT_REQUEST of redfish/management.py. What came from
  // AMI's are refusals of images only (fixtures/transfer_*): those need no row, they say what they want.
  {
    name: 'boot changes need target, enabled and mode together',
    applies: vendorSays(
      'american megatrends international',
      'ami',
      'asrockrack',
      'redfish_compatible',
    ),
    quirks: { fullBootRequest: true },
  },
  // Captured is a service root only (crate libredfish 0.2.0, supermicro_service_root.json). It has no `Vendor`,
  // so the manufacturer of the system decides. Upstream: redfish/management.py, and sushy's system.py for the
  // USB drive (X11 and X12).
  {
    name: 'Supermicro: boot changes always say how often, virtual CDs are USB drives, the boot mode is set again',
    applies: vendorIs('supermicro'),
    quirks: { alwaysSendsEnabled: true, virtualCdIsUsbCd: true, forgetsBootMode: true },
  },
  // No 17G was captured. A 14G (fixtures/services/idrac.json) and a 15G (libredfish, manager_dell.json) show the
  // form of the model, and are not meant. Upstream: drac/boot.py.
  {
    name: 'iDRAC 10: boots from virtual media slot 1 only',
    applies: (maker) => vendorSays('dell')(maker) && dellGeneration(maker.managerModel) > 16,
    quirks: { onlyVirtualMediaSlot: '1' },
  },
]

/** The quirks of a service, and the names of the table's rows that apply. */
export function quirksOf(maker: Maker): { quirks: Quirks; names: string[] } {
  const found = table.filter((entry) => entry.applies(maker))
  return {
    quirks: found.reduce((all, entry) => ({ ...all, ...entry.quirks }), none),
    names: found.map((entry) => entry.name),
  }
}
