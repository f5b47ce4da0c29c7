/** The entry of a sandbox process: waits for calls and answers each. Built into a file of its own. */
import { serialize } from 'node:v8'
import { Worker } from 'node:worker_threads'
import {
  ruleArgumentsProgram,
  ruleConditionsProgram,
} from '../conductor/inspection/rules/programs.js'
import { templateProgram } from '../netboot/kickstart/program.js'
import type { ProgramAnswer, ProgramCall } from './program.js'

/** The server keeps what it gets back, so a result may not be as large as this process's memory. */
const mostOutputBytes = 32 * 1024 * 1024

const programs: Readonly<Record<string, (input: never) => unknown>> = {
  [templateProgram.name]: templateProgram.run,
  [ruleConditionsProgram.name]: ruleConditionsProgram.run,
  [ruleArgumentsProgram.name]: ruleArgumentsProgram.run,
}

function answerTo({ name, input }: ProgramCall): ProgramAnswer {
  try {
    const run = programs[name]
    if (run === undefined) throw new Error(`There is no program ${name}`)
    const output = run(input as never)
    if (serialize(output).byteLength > mostOutputBytes)
      throw new RangeError('the result is too long')
    return { output }
  } catch (error) {
    const { name: kind, message } = error instanceof Error ? error : new Error(String(error))
    return { error: { name: kind, message } }
  }
}

/**
 * Ends this process when the server is killed while a program runs: a busy main thread would not
 * notice that its channel is closed.
 */
function endWithParent(): void {
  const script = `
    const parent = process.ppid
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL') }, 1000)
  `
  new Worker(script, { eval: true }).unref()
}

endWithParent()
process.on('message', (call: ProgramCall) => process.send?.(answerTo(call)))
process.send?.({ output: 'ready' })
