export interface Link {
  readonly href: string
  readonly rel: string
}

/** The pair every object carries: `/v1/<path>` and `/<path>`. */
export function links(baseUrl: string, path: string): [Link, Link] {
  return [
    { href: `${baseUrl}/v1/${path}`, rel: 'self' },
    { href: `${baseUrl}/${path}`, rel: 'bookmark' },
  ]
}
