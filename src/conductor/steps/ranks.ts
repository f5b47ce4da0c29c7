import type { InterfaceKind, StepKind } from '../../drivers/interfaces.js'

type Ranks = Readonly<Partial<Record<InterfaceKind, number>>>

const cleaning: Ranks = {
  vendor: 7,
  power: 6,
  management: 5,
  firmware: 4,
  deploy: 3,
  bios: 2,
  raid: 1,
}

/**
 * Which interfaces may offer steps, in the order they are asked, and which goes first among equal
 * priorities (docs/reference/conductor.md 11.2).
 */
export const ranks: Readonly<Record<StepKind, Ranks>> = {
  clean: cleaning,
  deploy: cleaning,
  service: { ...cleaning, network: 8 },
  verify: {
    power: 13,
    management: 12,
    firmware: 11,
    inspect: 10,
    deploy: 9,
    boot: 8,
    bios: 7,
    raid: 6,
    vendor: 5,
    network: 4,
    storage: 3,
    console: 2,
    rescue: 1,
  },
}
