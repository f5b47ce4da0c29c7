/** Hides secrets in free-form objects that are answered, as oslo's `mask_dict_password` does. */

export const MASK = '******'

/** A key that contains one of these, in any case, holds a secret (oslo.utils, strutils). */
const secretWords = [
  'adminpass',
  'admin_pass',
  'password',
  'new_pass',
  'auth_token',
  'secret',
  'sys_pswd',
  'token',
  'configdrive',
  'encrypted_key',
  'private_key',
  'fernetkey',
  'sslkey',
  'passphrase',
  'cephclusterfsid',
  'octaviaheartbeatkey',
  'rabbitcookie',
  'cephmanilaclientkey',
  'pacemakerremoteauthkey',
  'designaterndckey',
  'cephadminkey',
  'heatauthencryptionkey',
  'cephclientkey',
  'keystonecredential',
  'barbicansimplecryptokek',
  'cephrgwkey',
  'swifthashsuffix',
  'migrationsshkey',
  'cephmdskey',
  'cephmonkey',
]
const secretKey = new RegExp(secretWords.join('|'), 'i')

/** `key=value`, `key: "value"`, `--key value` inside a text. */
const inText = new RegExp(
  `((?:${secretWords.join('|')})[0-9]*["']?\\s*[=:]\\s*["']?|--(?:${secretWords.join('|')})[0-9]*\\s+)[^\\s'"]+`,
  'gi',
)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A copy with every secret replaced; objects and lists are searched at any depth. */
export function maskSecrets(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      secretKey.test(key) && !isObject(value) ? MASK : maskValue(value),
    ]),
  )
}

function maskValue(value: unknown): unknown {
  if (isObject(value)) return maskSecrets(value)
  if (typeof value === 'string') return value.replace(inText, `$1${MASK}`)
  return Array.isArray(value) ? value.map(maskValue) : value
}
