/**
 * Option declarations. Each of Ironic's options is declared once under its own name; the
 * readers (files, environment, flags), `ferric config` and the types all derive from it.
 */
export type OptionType = 'str' | 'int' | 'float' | 'bool' | 'list' | 'dict' | 'multi'

export interface Pattern {
  readonly matches: RegExp
  /** Says in an error what such a text is. */
  readonly expected: string
}

export interface Option<T> {
  readonly type: OptionType
  readonly default: T
  readonly help: string
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
  /** What a text must look like. */
  readonly pattern?: Pattern
  /** Never printed or logged. */
  readonly secret?: boolean
  /** A dict that may be given several times; the pairs add up. */
  readonly repeated?: boolean
  /** Older spellings that still work, `group.name` or `name` in the same group. */
  readonly deprecatedNames?: readonly string[]
}

type Extra = Partial<
  Pick<
    Option<unknown>,
    'min' | 'max' | 'choices' | 'pattern' | 'secret' | 'repeated' | 'deprecatedNames'
  >
>

export const str = (def: string, help: string, extra: Extra = {}): Option<string> => ({
  type: 'str',
  default: def,
  help,
  ...extra,
})
export const optStr = (help: string, extra: Extra = {}): Option<string | null> => ({
  type: 'str',
  default: null,
  help,
  ...extra,
})
export const int = (def: number, help: string, extra: Extra = {}): Option<number> => ({
  type: 'int',
  default: def,
  help,
  ...extra,
})
export const optInt = (help: string, extra: Extra = {}): Option<number | null> => ({
  type: 'int',
  default: null,
  help,
  ...extra,
})
export const float = (def: number, help: string, extra: Extra = {}): Option<number> => ({
  type: 'float',
  default: def,
  help,
  ...extra,
})
export const bool = (def: boolean, help: string, extra: Extra = {}): Option<boolean> => ({
  type: 'bool',
  default: def,
  help,
  ...extra,
})
export const list = (
  def: readonly string[],
  help: string,
  extra: Extra = {},
): Option<readonly string[]> => ({
  type: 'list',
  default: def,
  help,
  ...extra,
})
export const optList = (help: string, extra: Extra = {}): Option<readonly string[] | null> => ({
  type: 'list',
  default: null,
  help,
  ...extra,
})
/** An option that may be given several times. */
export const multi = (
  def: readonly string[],
  help: string,
  extra: Extra = {},
): Option<readonly string[]> => ({ type: 'multi', default: def, help, ...extra })
/** `key:value` pairs separated by commas. */
export const dict = (
  def: Readonly<Record<string, string>>,
  help: string,
  extra: Extra = {},
): Option<Readonly<Record<string, string>>> => ({ type: 'dict', default: def, help, ...extra })

export type OptionGroup = Readonly<Record<string, Option<unknown>>>

/** The values of a group of declarations. */
export type ValuesOf<G extends OptionGroup> = {
  readonly [K in keyof G]: G[K] extends Option<infer T> ? T : never
}
