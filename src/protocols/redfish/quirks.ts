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

const table: readonly Entry[] = [
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
  {
    name: 'Supermicro: boot changes always say how often, virtual CDs are USB drives, the boot mode is set again',
    applies: vendorIs('supermicro'),
    quirks: { alwaysSendsEnabled: true, virtualCdIsUsbCd: true, forgetsBootMode: true },
  },
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
