/** Options by group, as an ironic.conf holds them. */
export type ConfChanges = Record<string, Record<string, string | number>>

export declare function fakeConf(changes?: ConfChanges): string
