import type { Contract } from '../../../contract/load.js'
import { features } from './features.js'

const formerly: Readonly<Record<string, string | null>> = {
  available: null,
  'inspect wait': 'inspecting',
}

/** A provision state as a version names it (docs/reference/rest-api.md, 8.1). */
export function shownState(
  request: { readonly contract: Contract; readonly minor: number },
  state: string | null,
): string | null {
  if (state === null || features(request, 'ShownState')(state)) return state
  return formerly[state] ?? null
}
