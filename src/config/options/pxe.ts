import { int, str } from '../declare.js'

/** `[pxe]`. */
export const pxe = {
  instance_master_path: str('$state_path/master_images', 'Directory of cached images.'),
  image_cache_size: int(20480, 'MiB of cached images that are kept, used ones included.', {
    min: 0,
  }),
  disk_devices: str(
    'cciss/c0d0,sda,hda,vda',
    'Disks the deploy ramdisk of 2015 looks for; the first that is there is used.',
  ),
  image_cache_ttl: int(10080, 'Minutes an unused cached image is kept.', { min: 0 }),
  default_ephemeral_format: str('ext4', 'File system of ephemeral partitions.'),
} as const
