import type { Document } from '../client.js'
import { MissingAttribute, ValueRefused } from '../errors.js'
import { asObject, type Json } from '../json.js'
import { filled, listOf, load, optional, text, type Loaded } from '../loader.js'
import type { Quirks } from '../quirks.js'
import type { Talk } from '../talk.js'
import type { System } from './system.js'

const shape = {
  target: optional('Boot/BootSourceOverrideTarget', filled),
  enabled: optional('Boot/BootSourceOverrideEnabled', filled),
  mode: optional('Boot/BootSourceOverrideMode', filled),
  allowed: optional('Boot/BootSourceOverrideTarget@Redfish.AllowableValues', listOf(text)),
}
/** What the machine boots from next (ComputerSystem, Boot). */
export type BootOverride = Loaded<typeof shape>

export interface BootChange {
  readonly target?: string
  readonly enabled?: 'Once' | 'Continuous' | 'Disabled'
  readonly mode?: 'UEFI' | 'Legacy'
  readonly httpBootUri?: string | null
}

/** @throws MalformedAttribute */
export const bootOf = (system: System): BootOverride => load(shape, system.document)

/**
 * Says what to boot from, how often, and in which mode. Each property goes to the settings resource
 * when that shows it, else to the system itself.
 * @throws BmcError, ValueRefused when the service says that it does not know the target
 */
export async function setBoot(
  talk: Talk,
  system: System,
  change: BootChange,
  quirks: Quirks,
): Promise<void> {
  const settings = system.settings === null ? null : await talk.get(system.settings)
  const plan = new Plan(system.document, settings)
  if (change.target !== undefined) {
    const target = targetFor(system, change.target, quirks)
    plan.set('BootSourceOverrideTarget', target)
    planUri(plan, target, change.httpBootUri ?? null)
  }
  if (change.enabled !== undefined) plan.set('BootSourceOverrideEnabled', change.enabled)
  if (change.mode !== undefined) plan.set('BootSourceOverrideMode', change.mode)
  for (const [document, boot] of plan.changes()) await talk.patch(document, { Boot: boot })
}

function targetFor(system: System, wanted: string, quirks: Quirks): string {
  const allowed = bootOf(system).allowed ?? []
  if (allowed.length > 0 && !allowed.includes(wanted)) {
    throw new ValueRefused('target', wanted, allowed)
  }
  const usb = wanted === 'Cd' && quirks.virtualCdIsUsbCd && allowed.includes('UsbCd')
  return usb ? 'UsbCd' : wanted
}

/** An address from which UEFI shall boot; one that was set before is taken back. */
function planUri(plan: Plan, target: string, uri: string | null): void {
  if (target === 'UefiHttp' && uri !== null) {
    if (!plan.knows('HttpBootUri')) {
      throw new MissingAttribute('HttpBootUri', plan.system.path)
    }
    plan.set('HttpBootUri', uri)
  } else if (plan.current('HttpBootUri') !== null) {
    plan.set('HttpBootUri', null)
  }
}

/** Which property goes to which of the two resources. */
class Plan {
  readonly system: Document
  readonly #settings: Document | null
  readonly #ofSystem: Record<string, unknown> = {}
  readonly #ofSettings: Record<string, unknown> = {}

  constructor(system: Document, settings: Document | null) {
    this.system = system
    this.#settings = settings
  }
  knows(name: string): boolean {
    return name in boot(this.#settings) || name in boot(this.system)
  }
  current(name: string): unknown {
    return boot(this.#settings)[name] || boot(this.system)[name] || null
  }
  set(name: string, value: unknown): void {
    const where = name in boot(this.#settings) ? this.#ofSettings : this.#ofSystem
    where[name] = value
  }
  changes(): [Document, Json][] {
    const both: [Document | null, Json][] = [
      [this.#settings, this.#ofSettings],
      [this.system, this.#ofSystem],
    ]
    return both.filter((c): c is [Document, Json] => c[0] !== null && Object.keys(c[1]).length > 0)
  }
}

const boot = (document: Document | null): Json => asObject(asObject(document?.json)['Boot'])
