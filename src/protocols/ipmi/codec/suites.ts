/**
 * Cipher suites (IPMI 2.0, table 22-20): how the user is authenticated, how packets are signed,
 * how they are encrypted. Those with xRC4 and MD5 are left out: no BMC needs them.
 */
export interface CipherSuite {
  readonly id: number
  readonly authentication: number
  readonly integrity: number
  readonly confidentiality: number
}

export const authAlgorithm = { none: 0, sha1: 1, sha256: 3 } as const
export const integrityAlgorithm = { none: 0, sha1x96: 1, sha256x128: 4 } as const
export const confidentialityAlgorithm = { none: 0, aesCbc128: 1 } as const

const suite = (
  id: number,
  authentication: number,
  integrity: number,
  confidentiality: number,
): CipherSuite => ({ id, authentication, integrity, confidentiality })

const suites: ReadonlyMap<number, CipherSuite> = new Map(
  [
    suite(0, 0, 0, 0),
    suite(1, 1, 0, 0),
    suite(2, 1, 1, 0),
    suite(3, 1, 1, 1),
    suite(15, 3, 0, 0),
    suite(16, 3, 4, 0),
    suite(17, 3, 4, 1),
  ].map((one) => [one.id, one]),
)

/** A suite by its number, or undefined when we do not speak it. */
export const cipherSuite = (id: number): CipherSuite | undefined => suites.get(id)

/** The numbers of all suites we speak. */
export const knownSuites = (): number[] => [...suites.keys()]

/** Those that are used without being asked for, the best first: signed and encrypted. */
export const preferredSuites: readonly number[] = [17, 3]
