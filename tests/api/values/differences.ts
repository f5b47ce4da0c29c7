/** Where Ferric deliberately takes or refuses what a real Ironic does not, and why (docs/differences.md). */
import type { Verdict } from './walk.js'

export interface Difference {
  /** The probes, by name. */
  readonly probes: RegExp
  /** The values, by name; all of them where none is named. */
  readonly values?: readonly string[]
  readonly ironic: RegExp
  readonly ferric: RegExp
  readonly why: string
}

export const differences: readonly Difference[] = [
  {
    probes: /./,
    values: ['a NUL'],
    ironic: /^20/,
    ferric: /^400 Client$/,
    why: 'SQLite keeps U+0000 in text, PostgreSQL cannot',
  },
  {
    probes: /./,
    values: ['a long string', 'a huge string'],
    ironic: /^20/,
    ferric: /^400 Client$/,
    why: 'SQLite keeps more than the column holds; MySQL fails with a 500',
  },
  {
    probes: /^POST node boot_mode$/,
    values: ['a UUID', 'a MAC address'],
    ironic: /^201$/,
    ferric: /^400 Client$/,
    why: 'longer than the 16 characters of the column, which SQLite does not count',
  },
  {
    probes: /./,
    values: ['half a surrogate pair'],
    ironic: /^500/,
    ferric: /^20/,
    why: 'kept as U+FFFD, where upstream cannot encode it',
  },
  {
    probes: /^(POST node properties|PATCH node description)$/,
    values: ['null'],
    ironic: /^500/,
    ferric: /^20[01]$/,
    why: 'null is as good as absent, as for every other member of a node',
  },
  {
    probes:
      /^(POST|PATCH) (deploy template steps\/0\/priority|runbook steps\/0\/order|volume target boot_index)$/,
    values: ['a number past 32 bits'],
    ironic: /^20/,
    ferric: /^400 Client$/,
    why: 'SQLite keeps numbers of any size',
  },
  {
    probes: /^POST allocation uuid$/,
    values: ['unicode'],
    ironic: /^500/,
    ferric: /^201$/,
    why: 'upstream stores it and fails over the Location header; Ferric percent-encodes it',
  },
  {
    probes: /^POST inspection rule uuid$/,
    ironic: /^201$/,
    ferric: /^400 Client$/,
    why: 'a rule whose UUID is none can be neither shown nor changed nor deleted',
  },
  {
    probes: /^POST node secure_boot$/,
    ironic: /^201$/,
    ferric: /^400 Client$/,
    why: 'for upstream every text is true, "false" too',
  },
]

/** The reason for a difference; undefined when there is none. */
export function reasonFor(
  probe: string,
  value: string,
  ironic: Verdict,
  ferric: Verdict,
): Difference | undefined {
  return differences.find(
    (one) =>
      one.probes.test(probe) &&
      (one.values?.includes(value) ?? true) &&
      one.ironic.test(ironic) &&
      one.ferric.test(ferric),
  )
}
