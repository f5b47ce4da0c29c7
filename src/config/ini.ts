/**
 * The file format of oslo.config: groups in brackets, `name = value` or `name: value`, comments
 * with `#` or `;` at the start of a line, continuation lines by indentation, repeated names.
 */
export interface IniEntry {
  readonly group: string
  readonly name: string
  readonly value: string
  /** Line of the name, counted from 1. */
  readonly line: number
}

export interface IniProblem {
  readonly line: number
  readonly message: string
}

export interface IniFile {
  readonly entries: readonly IniEntry[]
  readonly problems: readonly IniProblem[]
}

interface OpenEntry extends Omit<IniEntry, 'value'> {
  readonly lines: string[]
}

/** A pair of equal quotes around the whole value is not part of it. */
function unquote(value: string): string {
  const quote = value[0]
  const quoted = value.length > 1 && (quote === '"' || quote === "'") && value.at(-1) === quote
  return quoted ? value.slice(1, -1) : value
}

/** Group names are lower case, except `DEFAULT`. */
export function normalGroup(name: string): string {
  return name === 'DEFAULT' ? name : name.toLowerCase()
}

export function normalName(name: string): string {
  return name.toLowerCase().replaceAll('-', '_')
}

class IniReader {
  readonly entries: IniEntry[] = []
  readonly problems: IniProblem[] = []
  #group: string | undefined
  #open: OpenEntry | undefined
  #line = 0

  read(text: string): void {
    for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
      this.#line++
      this.#take(line.trimEnd())
    }
    this.#close()
  }

  #take(line: string): void {
    if (line === '') this.#close()
    else if (/^[ \t]/.test(line)) this.#continue(line.trimStart())
    else {
      this.#close()
      if (line.startsWith('[')) this.#startGroup(line)
      else if (!/^[#;]/.test(line)) this.#startEntry(line)
    }
  }

  #close(): void {
    if (!this.#open) return
    const { lines, ...entry } = this.#open
    this.entries.push({ ...entry, value: lines.join('\n') })
    this.#open = undefined
  }

  #continue(text: string): void {
    if (this.#open) this.#open.lines.push(text)
    else this.#problem('a continuation line without an option before it')
  }

  #startGroup(line: string): void {
    const name = /^\[([^\]]+)\]$/.exec(line)?.[1]?.trim()
    if (!name) this.#problem('a group is written as [name]')
    this.#group = name ? normalGroup(name) : undefined
  }

  #startEntry(line: string): void {
    const match = /^([^:=]*)[:=](.*)$/.exec(line)
    const name = match?.[1]?.trim()
    if (!match || !name) this.#problem('expected name = value')
    else if (this.#group === undefined) this.#problem(`${name} stands before any [group]`)
    else {
      const value = unquote((match[2] ?? '').trim())
      this.#open = { group: this.#group, name: normalName(name), line: this.#line, lines: [value] }
    }
  }

  #problem(message: string): void {
    this.problems.push({ line: this.#line, message })
  }
}

/**
 * Reads one configuration file.
 * @returns its assignments in order and the lines that are not in the format
 * @see oslo.config `iniparser.py` for the format
 */
export function parseIni(text: string): IniFile {
  const reader = new IniReader()
  reader.read(text)
  return reader
}
