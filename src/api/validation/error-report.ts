import { bestMatch, iterErrors, type Schema, type SchemaError } from './json-schema.js'
import { pyFormat } from './python-pprint.js'
import { pyRepr } from './python-repr.js'

/**
 * The long form of the most relevant error, as python-jsonschema's `str(ValidationError)`: some
 * of upstream's answers carry it whole.
 * @returns null when the value is valid
 */
export function errorReport(value: unknown, schema: Schema): string | null {
  const error = bestMatch([...iterErrors(value, schema)])
  return error === undefined ? null : reportOf(error)
}

function reportOf(error: SchemaError): string {
  const keyword = pyRepr(error.keyword)
  return [
    error.message,
    '',
    `Failed validating ${keyword} in schema${indexed(error.schemaPath.slice(0, -1))}:`,
    indented(pyFormat(error.schema)),
    '',
    `On instance${indexed(error.path)}:`,
    indented(pyFormat(error.instance)),
  ].join('\n')
}

const indexed = (path: readonly (string | number)[]): string =>
  path.map((p) => `[${pyRepr(p)}]`).join('')

const indented = (text: string): string => text.replace(/^/gm, '    ')
