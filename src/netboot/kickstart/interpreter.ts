/**
 * The parts of `@huggingface/jinja` that are used. Its own declarations name their files without an
 * extension, which TypeScript does not follow from ES modules.
 */
import * as jinja from '@huggingface/jinja'

/** A node of the syntax tree. */
export interface Node {
  readonly type: string
}
/** The value of a node. */
export interface Value {
  readonly type: string
  readonly value: unknown
}
interface Program extends Node {
  readonly body: readonly Node[]
}
export interface Scope {
  set(name: string, value: unknown): Value
}
interface Evaluator {
  run(program: Program): Value
  evaluate(node: Node | undefined, scope: Scope): Value
}
interface Package {
  readonly Environment: new () => Scope
  readonly Interpreter: new (scope: Scope) => Evaluator
  readonly parse: (tokens: readonly unknown[]) => Program
  readonly tokenize: (source: string) => readonly unknown[]
}

export const { Environment, Interpreter, parse, tokenize } = jinja as unknown as Package
