/** What registries answer, as far as it is read (OCI Image Spec v1.1, OCI Distribution Spec v1.1). */

export interface OciDescriptor {
  readonly mediaType?: string
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly architecture?: string }
  readonly artifactType?: string
}

export interface OciManifest {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config?: OciDescriptor
  readonly layers?: readonly OciDescriptor[]
  /** An index has these instead of layers. */
  readonly manifests?: readonly OciDescriptor[]
}

/** Who asks: a name and a password, or a token alone with an empty name. */
export interface OciCredentials {
  readonly user: string
  readonly password: string
}
