/**
 * The kickstart template for an instance when neither it nor its image nor
 * `[anaconda] default_ks_template` names one. It installs on the whole of the first disk.
 */

const post = (status: string, message: string): string =>
  [
    "curl {% if 'insecure_heartbeat' in ks_options %}--insecure {% endif %}--silent --show-error --fail \\",
    '  --connect-timeout 30 --retry 10 --retry-delay 6 --retry-connrefused --request POST \\',
    "  --header 'Content-Type: application/json' \\",
    "  --header 'X-OpenStack-Ironic-API-Version: 1.72' \\",
    `  --data '{"callback_url": "", "agent_token": "{{ ks_options.agent_token }}", "agent_status": "${status}", "agent_status_message": "${message}"}' \\`,
    "  '{{ ks_options.heartbeat_url }}'",
  ].join('\n')

export const defaultTemplate = `# Made by Ferric for one installation of one machine.
cmdline
lang en_US.UTF-8
keyboard us
timezone UTC --utc
firstboot --disabled
selinux --enforcing
rootpw --lock

zerombr
clearpart --all --initlabel
autopart
bootloader
# The machine is started again by Ferric.
poweroff
{% if 'is_source_a_path' in ks_options %}
url --url={{ ks_options.liveimg_url }}
{% else %}
liveimg --url={{ ks_options.liveimg_url }}
{% endif %}
%pre
${post('start', 'The installer runs.')}
%end

%onerror
${post('error', 'The installation failed; the reason is on the console of the machine and in /tmp/anaconda.log.')}
%end
{% if 'is_source_a_path' in ks_options %}
%packages --ignoremissing
%end
{% endif %}
{{ ks_options.config_drive }}
# Last, because the machine is switched off as soon as this is heard. The installer's own curl
# reports: the installed system may have none.
%post --nochroot
sync
${post('end', 'The installation is complete.')}
%end
`
