import { Conflict, databaseFault, NotFound } from '../errors.js'

/**
 * Runs a write.
 * @param texts by unique constraint, what to tell the client when it is violated; a function
 *   where that takes another look, since the database names one constraint of several
 * @throws Conflict 409 with the text; NotFound 404 when a row it refers to has just gone
 */
export async function uniquely<T>(
  texts: Readonly<Record<string, string | (() => Promise<string>)>>,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write()
  } catch (e) {
    const fault = databaseFault(e)
    const text = fault?.code === '23505' ? texts[fault.constraint ?? ''] : undefined
    if (text !== undefined) throw new Conflict(typeof text === 'string' ? text : await text())
    if (fault?.code === '23503') throw new NotFound()
    throw e
  }
}
