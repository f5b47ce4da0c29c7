/** Microversion negotiation (docs/reference/rest-api.md, section 2). */
import { MAX_MINOR, MIN_MINOR } from './contract/types.js'
import { NotAcceptable } from '../errors.js'

export const versionHeader = 'X-OpenStack-Ironic-API-Version'

export const versionHeaders = (minor?: number): Record<string, string> => ({
  'X-OpenStack-Ironic-API-Minimum-Version': `1.${MIN_MINOR}`,
  'X-OpenStack-Ironic-API-Maximum-Version': `1.${MAX_MINOR}`,
  ...(minor === undefined ? {} : { [versionHeader]: `1.${minor}` }),
})

/** A version that could be read but is not served; one that could not carries no range. */
export class VersionRefused extends NotAcceptable {
  readonly ranged: boolean
  constructor(text: string, ranged: boolean) {
    super(text)
    this.ranged = ranged
  }
}

/**
 * The version a request asks for.
 * @param standard value of `OpenStack-API-Version`, which wins
 * @param own value of `X-OpenStack-Ironic-API-Version`
 * @returns the minor version; 1 when neither is given
 * @throws VersionRefused (406)
 */
export function negotiate(standard: string | undefined, own: string | undefined): number {
  const wanted = (fromStandard(standard) ?? own?.split(',').at(-1) ?? '').trim()
  if (wanted === '') return MIN_MINOR
  if (wanted.toLowerCase() === 'latest') return MAX_MINOR
  const m = /^(.*)\.(.*)$/.exec(wanted)
  const [major, minor] = [pythonInt(m?.[1]), pythonInt(m?.[2])]
  if (m === null || major === null || minor === null || (m[1] ?? '').includes('.')) {
    throw new VersionRefused('Invalid value for X-OpenStack-Ironic-API-Version header', false)
  }
  const range = `The supported version range is: [1.${MIN_MINOR}, 1.${MAX_MINOR}].`
  if (major !== 1n) {
    throw new VersionRefused(
      `Mutually exclusive versions requested. Version ${major}.${minor} requested but not supported by this service. ${range}`,
      true,
    )
  }
  if (minor < MIN_MINOR || minor > MAX_MINOR) {
    throw new VersionRefused(
      `Version ${major}.${minor} was requested but the minor version is not supported by this service. ${range}`,
      true,
    )
  }
  return Number(minor)
}

/** What Python's `int()` reads, since that is how upstream reads a version. */
function pythonInt(text: string | undefined): bigint | null {
  const t = (text ?? '').trim()
  return /^[+-]?\d+(_\d+)*$/.test(t) ? BigInt(t.replaceAll('_', '').replace(/^\+/, '')) : null
}

/** `baremetal 1.58` out of a comma list of services. */
function fromStandard(header: string | undefined): string | undefined {
  for (const part of header?.split(',') ?? []) {
    const [service, version] = part.trim().split(/\s+/)
    if (service?.toLowerCase() === 'baremetal' && version !== undefined) return version
  }
  return undefined
}
