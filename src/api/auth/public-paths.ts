/** Paths that need no authentication (`ironic/api/app.py`, `ironic/api/config.py`). */
const publicPaths = [
  /^$/,
  /^\/v1$/,
  /^\/v1\/lookup$/,
  /^\/v1\/heartbeat\/[a-z0-9-]+$/,
  /^\/v1\/continue_inspection$/,
]

/** Slashes at the end and a `.json` or `.xml` suffix do not matter. */
export function isPublicPath(path: string): boolean {
  const bare = path.replace(/\/+$/, '').replace(/\.(json|xml)$/, '')
  return publicPaths.some((p) => p.test(bare))
}
