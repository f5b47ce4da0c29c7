import { int, optStr, str } from '../declare.js'
import { serviceCredentials } from './service-credentials.js'

/** `[glance]`. */
export const glance = {
  ...serviceCredentials('Glance', 'image'),
  endpoint_override: optStr('URL of Glance instead of the catalogue’s.', {
    deprecatedNames: ['glance_api_servers'],
  }),
  swift_temp_url_key: optStr('Key that signs temporary URLs of images in Swift.', { secret: true }),
  swift_temp_url_duration: int(1200, 'Seconds such a URL is good for.', { min: 1 }),
  swift_temp_url_expected_download_start_delay: int(
    0,
    'Seconds until an agent begins to read; a URL is good for no less.',
    { min: 0 },
  ),
  swift_endpoint_url: optStr('URL of Swift for agents.'),
  swift_api_version: str('v1', 'Version in such URLs.'),
  swift_account: optStr('Account Glance keeps its images in.'),
  swift_container: str('glance', 'Container, or its beginning when there are more.'),
  swift_store_multiple_containers_seed: int(0, 'Characters of the image id in its name.', {
    min: 0,
    max: 32,
  }),
  num_retries: int(0, 'Attempts after a failed one.', {
    min: 0,
    deprecatedNames: ['glance_num_retries'],
  }),
} as const
