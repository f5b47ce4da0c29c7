import { bool, str } from '../declare.js'

/** `[agent]`. */
export const agent = {
  manage_agent_boot: bool(true, 'Ironic boots the ramdisk; else something else does.'),
  image_download_source: str('http', 'Where the ramdisk gets the image from.', {
    choices: ['swift', 'http', 'local'],
  }),
} as const
