/** Looks for secrets in what Ferric logs. */

/** What a secret looks like, wherever it stands in a line. */
const forms: readonly RegExp[] = [
  // A member whose name says that it is secret, with a value that is not hidden.
  /\\?"[a-z_]*(?:password|passwd|secret|token|configdrive|private_key|auth_key)\\?":\s*\\?"(?!\*{3}|\\?"|<)[^"\\]+/i,
  /\b(?:password|passwd|agent_token|secret)=(?!\*{3}|[&\s]|<)[^&\s"]+/i,
  /\b(?:basic|bearer) [a-z0-9+/=_.-]{8,}/i,
  // Fernet tokens of Keystone.
  /\bgAAAA[\w-]{40,}/,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}/,
  // Credentials in a URL.
  /[a-z]+:\/\/[^/\s:@"]+:(?!\*{3})[^/\s@"]+@/i,
  // Passwords of the tests' own users and machines.
  /the-password-of-[a-z]+|correct-horse-battery|fakepass|volume-secret/,
]

/** Members that only look like secrets. */
const harmless = /"(?:token_cache_time|agent_token_required|has_token)\\?":/

/** The lines of a log that hold a secret, cut to what is around it. */
export function leaksIn(log: string): string[] {
  return log.split('\n').flatMap((line) => {
    const found = harmless.test(line) ? [] : forms.flatMap((form) => form.exec(line) ?? [])
    return found.length > 0 ? [`${found[0]} in ${line.slice(0, 300)}`] : []
  })
}
