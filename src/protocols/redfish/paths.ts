/**
 * The path and query of a reference. The authority that services put into absolute references is
 * dropped (it is often a name that only they know), so credentials never go to another host.
 */
export function pathOf(reference: string): string {
  const { pathname, search } = new URL(reference, 'http://service.invalid/')
  return `${pathname}${search}`
}

export const withoutSlash = (path: string): string => path.replace(/\/+$/, '')

/** Whether two references name the same resource: a slash at the end makes no difference. */
export const samePath = (a: string, b: string): boolean =>
  withoutSlash(pathOf(a)) === withoutSlash(pathOf(b))
