/** Commands in upstream's words, as they stand in errors and are typed after `ipmitool`. */

export const powerCommand = (action: string): string => `power ${action}`
export const rawCommand = (bytes: string): string => `raw ${bytes}`
export const resetCommand = (kind: string): string => `bmc reset ${kind}`

const hex = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`

/** The raw form of the boot flags: what UEFI machines are sent. */
export const rawBootFlags = (first: number, selector: number): string =>
  `0x00 0x08 0x05 ${hex(first)} ${hex(selector)} 0x00 0x00 0x00`

export const disableTimeoutBytes = '0x00 0x08 0x03 0x08'

/** Enterprise numbers (IANA) of those who build BMCs and servers. */
const manufacturers: ReadonlyMap<number, string> = new Map([
  [2, 'ibm'],
  [11, 'hewlett-packard'],
  [42, 'oracle corporation'],
  [119, 'nec corporation'],
  [186, 'toshiba corporation'],
  [343, 'intel corporation'],
  [373, 'tatung company'],
  [674, 'dell inc'],
  [1394, 'bull sas'],
  [2011, 'huawei technologies co., ltd'],
  [4163, 'ibm'],
  [4753, 'montavista software, inc.'],
  [5593, 'ibm'],
  [5771, 'cisco systems, inc.'],
  [6569, 'inventec enterprise system corp.'],
  [6653, 'tyan computer corporation'],
  [7244, 'quanta computer inc.'],
  [10368, 'fujitsu siemens computers'],
  [10437, 'ami'],
  [10876, 'supermicro'],
  [15000, 'kontron'],
  [15370, 'giga-byte technology co., ltd.'],
  [19046, 'lenovo'],
  [20301, 'ibm'],
  [20974, 'american megatrends, inc.'],
  [37945, 'inspur group co., ltd.'],
  [40092, 'wiwynn corporation'],
  [42817, 'openbmc project'],
  [47196, 'hewlett packard enterprise'],
  [47488, 'supermicro'],
  [48512, 'h3c technologies co., limited'],
  [49769, 'yadro'],
])

/** A manufacturer's name, in lower case as `properties/vendor` has it. */
export const manufacturerName = (id: number): string =>
  manufacturers.get(id) ?? `unknown (0x${id.toString(16)})`
