/** Installs one peer unless it is there, and tells where it is. Throws PeerError. */
export declare function install(name: string): Promise<{ dir: string }>
