import { bool, int, optStr, str } from '../declare.js'

/** `[deploy]`. */
export const deploy = {
  http_url: optStr('URL under which http_root is served to machines.'),
  http_root: str('/httpboot', 'Directory of files served to machines by HTTP.'),
  http_image_subdir: str('agent_images', 'Directory of cached images under http_root.'),
  fast_track: bool(false, 'Machines with a running ramdisk are deployed without a reboot.'),
  fast_track_timeout: int(300, 'Seconds since the last heartbeat a ramdisk counts as running.', {
    min: 0,
    max: 300,
  }),
} as const
