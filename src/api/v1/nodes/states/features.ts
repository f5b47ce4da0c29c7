import type { Contract } from '../../../contract/load.js'
import { covers } from '../../../contract/versions.js'

/**
 * What a version of a call knows, by name: a schema of the contract whose properties carry
 * version ranges and nothing else.
 * @returns whether a feature exists at the version; what the schema does not name always does
 */
export function features(
  { contract, minor }: { readonly contract: Contract; readonly minor: number },
  schemaName: string,
): (feature: string) => boolean {
  const table = contract.fields(schemaName)
  return (feature) => {
    const found = table.find((f) => f.name === feature)
    return found === undefined || covers(found, minor)
  }
}
