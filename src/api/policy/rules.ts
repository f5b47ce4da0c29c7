/**
 * Upstream's policy rules with their defaults (`ironic/common/policy.py`, API 1.115), in
 * oslo.policy's language. `scope` lists the token scopes a rule may be asked with; `legacy` is
 * the old check that is an alternative while `[oslo_policy] enforce_new_defaults` is false.
 */
export type Scope = 'system' | 'project' | 'domain'

export interface RuleDefault {
  readonly name: string
  readonly check: string
  /** Null: any scope. */
  readonly scope: readonly Scope[] | null
  readonly legacy?: string
  /** The rule the old check belonged to, where it had another name. */
  readonly legacyName?: string
}

const either: readonly Scope[] = ['system', 'project']
const system: readonly Scope[] = ['system']
const project: readonly Scope[] = ['project']

const allocationMember =
  '(role:member and system_scope:all) or rule:service_role or (role:member and project_id:%(allocation.owner)s)'
const apiReader = 'role:reader or role:service'
const runbookAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:manager and project_id:%(runbook.owner)s) or role:service'
const systemAdmin = 'role:admin and system_scope:all'
const systemAdminOrOwnerAdmin =
  '(role:admin and system_scope:all) or (role:service and system_scope:all) or (role:admin and project_id:%(node.owner)s) or (role:manager and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
const systemMember = '(role:member and system_scope:all) or rule:service_role'
const systemMemberOrOwnerAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:admin and project_id:%(node.owner)s) or (role:manager and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
const systemMemberOrOwnerLesseeAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:admin and project_id:%(node.owner)s) or (role:manager and project_id:%(node.owner)s) or (role:admin and project_id:%(node.lessee)s) or (role:manager and project_id:%(node.lessee)s) or (role:service and project_id:%(node.owner)s)'
const systemMemberOrOwnerMember =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:member and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
const systemOrOwnerMemberAndLesseeAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:member and project_id:%(node.owner)s) or (role:admin and project_id:%(node.lessee)s) or (role:manager and project_id:%(node.lessee)s) or (role:service and project_id:%(node.owner)s)'
const systemOrOwnerReader =
  '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role or (role:reader and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
const systemOrProjectMember =
  '(role:member and system_scope:all) or rule:service_role or (role:member and project_id:%(node.owner)s) or (role:member and project_id:%(node.lessee)s) or (role:service and system_scope:all)'
const systemOrProjectReader =
  '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role or (role:reader and project_id:%(node.owner)s) or (role:reader and project_id:%(node.lessee)s) or (role:service and project_id:%(node.owner)s)'
const systemReader =
  '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role'

export const ruleDefaults: readonly RuleDefault[] = [
  { name: 'admin_api', check: 'role:admin or role:administrator', scope: null },
  { name: 'public_api', check: 'is_public_api:True', scope: null },
  { name: 'show_password', check: '!', scope: null },
  { name: 'show_instance_secrets', check: '!', scope: null },
  {
    name: 'service_role',
    check: 'role:service and project_name:%(config.service_project_name)s',
    scope: null,
  },
  {
    name: 'is_member',
    check:
      '(project_domain_id:default and project_name:demo) or (project_domain_id:default and project_name:baremetal) or (project_domain_id:None and project_name:demo) or (project_domain_id:None and project_name:baremetal)',
    scope: null,
  },
  {
    name: 'is_observer',
    check: '(rule:is_member and role:observer) or (rule:is_member and role:baremetal_observer)',
    scope: null,
  },
  {
    name: 'is_admin',
    check: 'rule:admin_api or (rule:is_member and role:baremetal_admin)',
    scope: null,
  },
  { name: 'is_node_owner', check: 'project_id:%(node.owner)s', scope: null },
  { name: 'is_node_lessee', check: 'project_id:%(node.lessee)s', scope: null },
  { name: 'is_allocation_owner', check: 'project_id:%(allocation.owner)s', scope: null },
  {
    name: 'baremetal:node:create',
    check: '(role:admin and system_scope:all) or (role:service and system_scope:all)',
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:create:self_owned_node',
    check: 'role:admin or role:service',
    scope: either,
  },
  {
    name: 'baremetal:node:list',
    check: apiReader,
    scope: either,
    legacy: 'rule:baremetal:node:get',
  },
  {
    name: 'baremetal:node:list_all',
    check: systemReader,
    scope: either,
    legacy: 'rule:baremetal:node:get',
  },
  {
    name: 'baremetal:node:get',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:node:get:filter_threshold',
    check: systemReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:node:get',
  },
  {
    name: 'baremetal:node:get:last_error',
    check: systemOrOwnerReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:node:get',
  },
  {
    name: 'baremetal:node:get:reservation',
    check: systemOrOwnerReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:node:get',
  },
  {
    name: 'baremetal:node:get:driver_internal_info',
    check: systemOrOwnerReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:node:get',
  },
  {
    name: 'baremetal:node:get:driver_info',
    check: systemOrOwnerReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:node:get',
  },
  {
    name: 'baremetal:node:update:driver_info',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:properties',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:chassis_uuid',
    check: systemAdmin,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:instance_uuid',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:lessee',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:owner',
    check: systemMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:driver_interfaces',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:network_data',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:conductor_group',
    check: systemMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:name',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update:retired',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:update',
  },
  {
    name: 'baremetal:node:update',
    check: systemOrProjectMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:update_extra',
    check: systemOrProjectMember,
    scope: either,
    legacy: 'rule:baremetal:node:update',
  },
  {
    name: 'baremetal:node:update_instance_info',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:baremetal:node:update',
  },
  {
    name: 'baremetal:node:update_owner_provisioned',
    check: systemAdmin,
    scope: system,
    legacy: 'rule:is_admin',
  },
  { name: 'baremetal:node:delete', check: systemAdmin, scope: either, legacy: 'rule:is_admin' },
  {
    name: 'baremetal:node:delete:self_owned_node',
    check: 'role:admin and project_id:%(node.owner)s',
    scope: either,
  },
  {
    name: 'baremetal:node:validate',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:set_maintenance',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:clear_maintenance',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:get_boot_device',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:node:set_boot_device',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:set_maintenance',
  },
  {
    name: 'baremetal:node:get_indicator_state',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:node:set_indicator_state',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:inject_nmi',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:get_states',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:node:set_power_state',
    check: systemOrProjectMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:set_boot_mode',
    check: systemOrProjectMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:set_power_state',
  },
  {
    name: 'baremetal:node:set_secure_boot',
    check: systemOrProjectMember,
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:node:set_power_state',
  },
  {
    name: 'baremetal:node:set_provision_state',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:set_provision_state:clean_steps',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
  },
  {
    name: 'baremetal:node:set_provision_state:service_steps',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
  },
  {
    name: 'baremetal:node:set_raid_state',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:get_console',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:set_console_state',
    check: systemMemberOrOwnerMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:vif:list',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:vif:attach',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:vif:detach',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:traits:list',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:node:traits:set',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:traits:delete',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:node:bios:get',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:node:disable_cleaning',
    check: systemAdmin,
    scope: either,
    legacy: 'rule:baremetal:node:update',
  },
  {
    name: 'baremetal:node:history:get',
    check: systemOrOwnerReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:node:get',
  },
  {
    name: 'baremetal:node:inventory:get',
    check: systemOrOwnerReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:node:get',
  },
  { name: 'baremetal:node:update:shard', check: systemAdmin, scope: either },
  { name: 'baremetal:shards:get', check: systemReader, scope: either },
  { name: 'baremetal:node:update:parent_node', check: systemMember, scope: either },
  { name: 'baremetal:node:update:disable_power_off', check: systemAdmin, scope: either },
  { name: 'baremetal:node:firmware:get', check: systemOrProjectReader, scope: either },
  { name: 'baremetal:node:vmedia:attach', check: systemOrProjectMember, scope: either },
  { name: 'baremetal:node:vmedia:detach', check: systemOrProjectMember, scope: either },
  { name: 'baremetal:node:vmedia:get', check: systemOrProjectReader, scope: either },
  {
    name: 'baremetal:port:get',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:port:list',
    check: apiReader,
    scope: either,
    legacy: 'rule:baremetal:port:get',
  },
  {
    name: 'baremetal:port:list_all',
    check: systemReader,
    scope: either,
    legacy: 'rule:baremetal:port:get',
  },
  {
    name: 'baremetal:port:create',
    check: systemAdminOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:port:delete',
    check: systemAdminOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:port:update',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:portgroup:get',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:portgroup:create',
    check: systemAdminOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:portgroup:delete',
    check: systemAdminOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:portgroup:update',
    check: systemMemberOrOwnerAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:portgroup:list',
    check: apiReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:portgroup:get',
  },
  {
    name: 'baremetal:portgroup:list_all',
    check: systemReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:portgroup:get',
  },
  {
    name: 'baremetal:chassis:get',
    check: systemReader,
    scope: system,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  { name: 'baremetal:chassis:create', check: systemAdmin, scope: system, legacy: 'rule:is_admin' },
  { name: 'baremetal:chassis:delete', check: systemAdmin, scope: system, legacy: 'rule:is_admin' },
  { name: 'baremetal:chassis:update', check: systemMember, scope: system, legacy: 'rule:is_admin' },
  {
    name: 'baremetal:driver:get',
    check: systemReader,
    scope: system,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:driver:get_properties',
    check: systemReader,
    scope: system,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:driver:get_raid_logical_disk_properties',
    check: systemReader,
    scope: system,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:node:vendor_passthru',
    check: systemAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:driver:vendor_passthru',
    check: systemAdmin,
    scope: system,
    legacy: 'rule:is_admin',
  },
  { name: 'baremetal:node:ipa_heartbeat', check: '@', scope: null, legacy: 'rule:public_api' },
  { name: 'baremetal:driver:ipa_lookup', check: '@', scope: null, legacy: 'rule:public_api' },
  { name: 'baremetal:driver:ipa_continue_inspection', check: '@', scope: null },
  {
    name: 'baremetal:volume:list_all',
    check: systemReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:volume:get',
  },
  {
    name: 'baremetal:volume:list',
    check: apiReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
    legacyName: 'baremetal:volume:get',
  },
  {
    name: 'baremetal:volume:get',
    check: systemOrProjectReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:volume:create',
    check: systemMemberOrOwnerLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:volume:delete',
    check: systemMemberOrOwnerLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:volume:update',
    check: systemOrOwnerMemberAndLesseeAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:volume:view_target_properties',
    check:
      '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role or role:admin',
    scope: either,
    legacy: 'rule:is_admin',
    legacyName: 'baremetal:volume:update',
  },
  {
    name: 'baremetal:conductor:get',
    check: systemReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:allocation:get',
    check:
      '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role or (role:reader and project_id:%(allocation.owner)s)',
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:allocation:list',
    check: apiReader,
    scope: either,
    legacy: 'rule:baremetal:allocation:get',
  },
  {
    name: 'baremetal:allocation:list_all',
    check: systemReader,
    scope: either,
    legacy: 'rule:baremetal:allocation:get and is_admin_project:True',
  },
  {
    name: 'baremetal:allocation:create',
    check: 'rule:service_role or role:member',
    scope: either,
    legacy: 'rule:is_admin and is_admin_project:True',
  },
  {
    name: 'baremetal:allocation:create_restricted',
    check: systemMember,
    scope: either,
    legacy: 'rule:baremetal:allocation:create',
  },
  {
    name: 'baremetal:allocation:delete',
    check: allocationMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:allocation:update',
    check: allocationMember,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:allocation:create_pre_rbac',
    check: '(rule:is_member and role:baremetal_admin) or (is_admin_project:True and role:admin)',
    scope: project,
  },
  { name: 'baremetal:events:post', check: systemAdmin, scope: system, legacy: 'rule:is_admin' },
  {
    name: 'baremetal:deploy_template:get',
    check: systemReader,
    scope: either,
    legacy: 'rule:is_admin or rule:is_observer',
  },
  {
    name: 'baremetal:deploy_template:create',
    check: systemAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:deploy_template:delete',
    check: systemAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:deploy_template:update',
    check: systemAdmin,
    scope: either,
    legacy: 'rule:is_admin',
  },
  {
    name: 'baremetal:runbook:get',
    check:
      '(role:reader and system_scope:all) or rule:service_role or (role:reader and project_id:%(runbook.owner)s) or role:service',
    scope: either,
  },
  { name: 'baremetal:runbook:list', check: apiReader, scope: either },
  { name: 'baremetal:runbook:list_all', check: systemReader, scope: either },
  {
    name: 'baremetal:runbook:create',
    check:
      '(role:member and system_scope:all) or rule:service_role or role:manager or role:service',
    scope: either,
  },
  { name: 'baremetal:runbook:delete', check: runbookAdmin, scope: either },
  { name: 'baremetal:runbook:update', check: runbookAdmin, scope: either },
  { name: 'baremetal:runbook:update:public', check: systemMember, scope: either },
  { name: 'baremetal:runbook:update:owner', check: systemMember, scope: either },
  { name: 'baremetal:runbook:use', check: runbookAdmin, scope: either },
  { name: 'baremetal:inspection_rule:get', check: systemReader, scope: either },
  { name: 'baremetal:inspection_rule:list_all', check: systemReader, scope: either },
  { name: 'baremetal:inspection_rule:create', check: systemAdmin, scope: either },
  { name: 'baremetal:inspection_rule:update', check: systemAdmin, scope: either },
  { name: 'baremetal:inspection_rule:delete', check: systemAdmin, scope: either },
]
