import type { Document } from '../client.js'
import { MissingAction, MissingAttribute } from '../errors.js'
import { load, optional, text, truth, type Loaded } from '../loader.js'
import type { Talk } from '../talk.js'
import type { System } from './system.js'

const shape = {
  enabled: optional('SecureBootEnable', truth),
  resetTarget: optional('Actions/#SecureBoot.ResetKeys/target', text),
}
/** UEFI secure boot (SecureBoot). */
export type SecureBoot = Loaded<typeof shape> & { readonly document: Document }

/** @throws BmcError, MissingAttribute when the machine has none */
export async function readSecureBoot(talk: Talk, system: System): Promise<SecureBoot> {
  if (system.secureBoot === null) {
    throw new MissingAttribute('SecureBoot/@odata.id', system.document.path)
  }
  const document = await talk.get(system.secureBoot)
  return { ...load(shape, document), document }
}

/** @throws BmcError */
export async function setSecureBoot(talk: Talk, found: SecureBoot, on: boolean): Promise<void> {
  await talk.patch(found.document, { SecureBootEnable: on })
}

export type KeyReset = 'ResetAllKeysToDefault' | 'DeleteAllKeys'

/** @throws BmcError */
export async function resetKeys(talk: Talk, found: SecureBoot, type: KeyReset): Promise<void> {
  if (found.resetTarget === null) {
    throw new MissingAction('#SecureBoot.ResetKeys', found.document.path)
  }
  await talk.post(found.resetTarget, { ResetKeysType: type })
}
