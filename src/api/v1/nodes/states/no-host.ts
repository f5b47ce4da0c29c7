import { IronicError, NoValidHost } from '../../../../errors.js'

/**
 * Some calls answer 400 when no conductor serves the node, where others answer 404
 * (docs/reference/conductor.md, section 1).
 * @throws what `work` throws, NoValidHost as a 400
 */
export async function noHostIsBadRequest<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof NoValidHost)) throw error
    throw new IronicError(error.message, { status: 400, cause: error })
  }
}
