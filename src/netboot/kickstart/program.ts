import type { Program } from '../../sandbox/program.js'
import { renderTemplate, type RenderOptions, type Variables } from './jinja.js'

export interface TemplateInput {
  readonly text: string
  readonly variables: Variables
  readonly options: RenderOptions
}

/** Renders a kickstart template in the sandbox; it fails with the errors of `renderTemplate`. */
export const templateProgram: Program<TemplateInput, string> = {
  name: 'kickstart-template',
  run: ({ text, variables, options }) => renderTemplate(text, variables, options),
}
