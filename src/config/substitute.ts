const reference = /\\\$|\$(?:\$|\{([_a-z][._a-z0-9]*)\}|([_a-z][._a-z0-9]*))/gi

/**
 * Replaces `$name`, `${name}` and `${group.name}`; `$$` and `\$` stand for a dollar sign.
 * @param lookup gives the text of a referenced option, or throws when there is none
 */
export function substitute(text: string, lookup: (name: string) => string): string {
  return text.replace(reference, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare
    return name === undefined ? '$' : lookup(name)
  })
}
