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

/** Keys whose values never reach the log, besides those above. */
const loggedSecretKey =
  /passwd|credential|authorization|cookie|community|hex_kg_key|snmp_(?:auth|priv)_key|^(?:driver|instance)_info$|^params$/i

/** Whether a value of this key must not be logged. */
export const isSecretKey = (key: string): boolean =>
  secretKey.test(key) || loggedSecretKey.test(key)

/** `key=value`, `key: "value"`, `--key value` inside a text. */
const inText = new RegExp(
  `((?:${secretWords.join('|')})[0-9]*["']?\\s*[=:]\\s*["']?|--(?:${secretWords.join('|')})[0-9]*\\s+)[^\\s'"]+`,
  'gi',
)

/** Forms of secrets in free texts, each with what remains of it. */
const urlForms: readonly (readonly [RegExp, string])[] = [
  // The user and password of a URL; the second form is one that was cut before its @.
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#'"]*@/gi, `$1${MASK}@`],
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#'"@:]*:(?!\d{1,5}$)[^\s/?#'"@]*$/gi, `$1${MASK}`],
  // Signatures of temporary URLs (Swift, S3, Azure) and tokens in queries.
  [
    /([?&](?:temp_url_sig|temp_url_key|sig|signature|x-amz-(?:signature|credential|security-token)|(?:access_|auth_)?token|key|password)=)[^&\s'"]+/gi,
    `$1${MASK}`,
  ],
]
const otherForms: readonly (readonly [RegExp, string])[] = [
  [/\b(basic|bearer)\s+[a-z0-9+/=_.~-]{8,}/gi, `$1 ${MASK}`],
  [/\bgAAAA[\w-]{40,}=*/g, MASK],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|\$[156y]\$[^\s'"$]*\$[^\s'"]+/g, MASK],
]
/** A secret's key before a quoted value, which may hold blanks, as in JSON and Python's repr. */
const quotedInText = new RegExp(
  `((?:${secretWords.join('|')})[a-z0-9_]{0,32}\\\\?["']?\\s{0,8}[=:]\\s{0,8}u?)\\\\?(["'])(?:(?!\\2)[^])*(?:\\2|$)`,
  'gi',
)

/** A text without the credentials and signatures of the URLs in it. */
export function maskUrls(text: string): string {
  if (!text.includes('://') && !text.includes('=')) return text
  return urlForms.reduce((masked, [form, rest]) => masked.replace(form, rest), text)
}

/** A copy of an object whose texts, at any depth, show no credentials and signatures of URLs. */
export function maskUrlsIn(object: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return maskUrls(value)
    if (isObject(value)) return maskUrlsIn(value)
    return Array.isArray(value) ? value.map(hide) : value
  }
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, hide(value)]))
}

/** A text for the log: no credentials of URLs, no `password=…`, no tokens, keys or digests. */
export function maskText(text: string): string {
  const keyed = text.replace(quotedInText, `$1$2${MASK}$2`).replace(inText, `$1${MASK}`)
  return otherForms.reduce((masked, [form, rest]) => masked.replace(form, rest), maskUrls(keyed))
}

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
