import { randomUUID } from 'node:crypto'
import { runProgram } from '../../sandbox/pool.js'
import { ProgramFailed, ProgramStopped } from '../../sandbox/program.js'
import { InvalidKickstartTemplate } from './errors.js'
import { UndefinedVariable, type RenderOptions } from './jinja.js'
import { templateProgram } from './program.js'

/** A longer value is put in after rendering, so that a config drive of 64 MiB needs no larger sandbox. */
const longestValue = 1024 * 1024

/**
 * Renders a template in the sandbox.
 * @param values of `ks_options`
 * @throws InvalidKickstartTemplate for what is no template or runs into a limit, UndefinedVariable
 *   (`strict`), the signal's reason
 */
export async function render(
  text: string,
  values: Readonly<Record<string, string>>,
  { signal, ...options }: RenderOptions & { readonly signal: AbortSignal },
): Promise<string> {
  const { short, long } = split(values)
  const input = { text, variables: { ks_options: short }, options }
  try {
    const rendered = await runProgram(templateProgram, input, { signal })
    return long.reduce((out, [mark, value]) => out.replaceAll(mark, () => value), rendered)
  } catch (error) {
    if (error instanceof ProgramFailed) throw templateError(error)
    if (!(error instanceof ProgramStopped)) throw error
    throw new InvalidKickstartTemplate(
      `The kickstart template cannot be rendered: ${error.message}`,
      error,
    )
  }
}

/** Long values become marks that no template can know. */
function split(values: Readonly<Record<string, string>>) {
  const short: Record<string, string> = {}
  const long: [string, string][] = []
  for (const [name, value] of Object.entries(values)) {
    if (value.length <= longestValue) short[name] = value
    else long.push([(short[name] = `ferric-${name}-${randomUUID()}`), value])
  }
  return { short, long }
}

function templateError(error: ProgramFailed): Error {
  if (error.kind !== 'UndefinedVariable') return new InvalidKickstartTemplate(error.message, error)
  return new UndefinedVariable(error.message.replace(/ is undefined$/, ''))
}
