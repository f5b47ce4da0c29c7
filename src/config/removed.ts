/** Options that Ironic once had and no longer reads, which deployers' templates still set. */
export const removedOptions: Readonly<Record<string, string>> = {
  'deploy.default_boot_option':
    'instances boot from their disk unless a node asks for something else',
  'pxe.ipxe_enabled': 'the boot interface of a node decides',
  'DEFAULT.verbose': 'use debug',
}
