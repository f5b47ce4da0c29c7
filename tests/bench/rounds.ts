/** Rounds of the power sync that ended and the seconds they took; Ferric says so itself. */
export async function told(url: string): Promise<{ count: number; sum: number } | null> {
  const answer = await fetch(`${url}/metrics`)
  const text = answer.ok ? await answer.text() : ''
  const value = (suffix: string) =>
    new RegExp(
      `^ferric_periodic_seconds_${suffix}\\{periodic="power sync",outcome="done"\\} (.*)$`,
      'm',
    ).exec(text)?.[1]
  const count = value('count')
  return count === undefined ? null : { count: Number(count), sum: Number(value('sum')) }
}
