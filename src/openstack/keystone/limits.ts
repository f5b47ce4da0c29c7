/** Room for a token with the catalogue of a cloud with many regions. */
export const maxTokenBytes = 16 * 1024 * 1024
