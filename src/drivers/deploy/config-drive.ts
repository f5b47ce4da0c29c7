import { configDriveIso, configDriveText } from '../../images/configdrive/instance.js'
import type { Task } from '../interfaces.js'

/**
 * The instance's config drive as agents take it: a URL, or a gzipped ISO in base64.
 * @returns null when the instance has none
 * @throws InvalidParameterValue for one that cannot be built
 */
export const instanceConfigDrive = ({ node }: Task): Promise<string | null> => configDriveText(node)

/**
 * The same as the bytes of the disc, for who writes it to a disk.
 * @throws InvalidParameterValue when it cannot be had, is malformed or too large
 */
export const instanceConfigDriveIso = ({ ctx, node, signal }: Task): Promise<Buffer | null> =>
  configDriveIso(ctx, node, signal)
