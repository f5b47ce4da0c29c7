/** Paths that need no authentication (`ironic/api/app.py`, `ironic/api/config.py`). */
const publicPaths = [
  /^$/,
  /^\/v1$/,
  /^\/v1\/lookup$/,
  /^\/v1\/heartbeat\/[a-z0-9-]+$/,
  /^\/v1\/continue_inspection$/,
  // What ramdisks of 2015 call (docs/reference/agent-protocol.md).
  /^\/v1\/drivers\/[a-z0-9_-]+\/vendor_passthru\/lookup$/,
  /^\/v1\/nodes\/[a-z0-9-]+\/vendor_passthru\/(heartbeat|pass_deploy_info|pass_bootloader_install_info)$/,
]

/** Vendor methods of a node that its ramdisk of 2015 calls. */
export const ramdiskNodeMethods: ReadonlySet<string> = new Set([
  'heartbeat',
  'pass_deploy_info',
  'pass_bootloader_install_info',
])
/** The vendor method of a driver that a ramdisk of 2015 calls. */
export const ramdiskDriverMethods: ReadonlySet<string> = new Set(['lookup'])

/**
 * Whether nobody is asked who they are: version discovery and ramdisks' calls. It is all that
 * the listener for ramdisks serves. Slashes at the end and a `.json` or `.xml` do not matter.
 */
export function isPublicPath(path: string): boolean {
  const bare = path.replace(/\/+$/, '').replace(/\.(json|xml)$/, '')
  return publicPaths.some((p) => p.test(bare))
}
