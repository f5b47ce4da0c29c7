import { bool, list, str } from '../declare.js'

/** `[agent_containers]`: what the ramdisk is told about container steps. */
export const agentContainers = {
  allow_arbitrary_containers: bool(false, 'The ramdisk may run any container.'),
  allowed_containers: list([], 'Containers the ramdisk may run.'),
  container_steps_file: str(
    '/etc/ironic-python-agent.d/mysteps.yaml',
    'File inside the ramdisk that lists container steps.',
  ),
  runner: str('podman', 'What runs containers.', { choices: ['podman', 'docker'] }),
  pull_options: list([], 'Options for pulling.'),
  run_options: list(['--rm', '--network=host'], 'Options for running.'),
} as const
