/**
 * Client system architectures (option 93 of DHCPv4, 61 of DHCPv6).
 * https://www.iana.org/assignments/dhcpv6-parameters/ (Processor Architecture Types)
 */
export interface Architecture {
  /** As in `properties.cpu_arch`. */
  readonly cpu: string
  readonly firmware: 'bios' | 'uefi'
  /** The firmware loads by HTTP instead of TFTP. */
  readonly http: boolean
}

const uefi = (cpu: string, http = false): Architecture => ({ cpu, firmware: 'uefi', http })

const architectures: Readonly<Record<number, Architecture>> = {
  0x00: { cpu: 'x86_64', firmware: 'bios', http: false },
  0x02: uefi('ia64'),
  0x06: uefi('i686'),
  // 7 is EFI byte code in RFC 4578. Firmware sends it for x86-64, which an erratum accepts.
  0x07: uefi('x86_64'),
  0x09: uefi('x86_64'),
  0x0a: uefi('arm'),
  0x0b: uefi('aarch64'),
  0x0c: { cpu: 'ppc64', firmware: 'bios', http: false },
  0x0e: { cpu: 'ppc64', firmware: 'bios', http: false },
  0x0f: uefi('i686', true),
  0x10: uefi('x86_64', true),
  0x12: uefi('arm', true),
  0x13: uefi('aarch64', true),
  0x14: { cpu: 'x86_64', firmware: 'bios', http: true },
  0x19: uefi('riscv32'),
  0x1a: uefi('riscv32', true),
  0x1b: uefi('riscv64'),
  0x1c: uefi('riscv64', true),
  0x27: uefi('loongarch64'),
  0x28: uefi('loongarch64', true),
}

/** The architecture of a number; null for one that is not supported. */
export const architectureOf = (code: number): Architecture | null => architectures[code] ?? null
