/** A function that runs in the sandbox, named so that both processes mean the same one. */
export interface Program<Input, Output> {
  readonly name: string
  /** Values must survive a structured clone: plain data, no functions and no classes. */
  readonly run: (input: Input) => Output
}

/** The input, as the sandbox receives it. */
export interface ProgramCall {
  readonly name: string
  readonly input: unknown
}

/** What the sandbox sends back. */
export type ProgramAnswer =
  | { readonly output: unknown }
  | { readonly error: { readonly name: string; readonly message: string } }

/** An error the program itself threw; `kind` is the name of its class. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed'
  readonly kind: string
  constructor(kind: string, message: string) {
    super(message)
    this.kind = kind
  }
}

/** The program ran into a limit of the sandbox, or the sandbox has no room for it. */
export class ProgramStopped extends Error {
  override readonly name = 'ProgramStopped'
}
