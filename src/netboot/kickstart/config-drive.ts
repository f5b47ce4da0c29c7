/** Writes the config drive as a script of the kickstart file, because there is no partition for it. */
import { posix } from 'node:path'
import { readIso } from '../../images/iso9660/read.js'

/** The directory in which cloud-init looks for the files of a config drive without a disc. */
const seed = '/var/lib/cloud/seed/config_drive'

/**
 * Returns a section that writes the drive's files into the installed system; empty without a drive.
 * @throws InvalidParameterValue when the drive is not an ISO 9660 disc
 */
export function configDriveSection(iso: Buffer | null): string {
  const files = iso === null ? [] : readIso(iso)
  if (files.length === 0) return ''
  const lines = files.flatMap(({ path, content }) => writes(posix.join(seed, path), content))
  return ['%post --erroronfail', 'set -e', 'umask 077', ...lines, '%end', ''].join('\n')
}

/** Base64, because the parser of kickstart files must not see lines that begin with a percent sign. */
function writes(path: string, content: Buffer): string[] {
  const file = quoted(path)
  return [
    `mkdir -p ${quoted(posix.dirname(path))}`,
    `base64 -d > ${file} <<'FERRIC'`,
    ...(content.toString('base64').match(/.{1,76}/g) ?? []),
    'FERRIC',
  ]
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
