/** Checks that several of upstream's rules have, in oslo.policy's language. */
import type { Scope } from './rule.js'

export const either: readonly Scope[] = ['system', 'project']
export const system: readonly Scope[] = ['system']
export const project: readonly Scope[] = ['project']

export const allocationMember =
  '(role:member and system_scope:all) or rule:service_role or (role:member and project_id:%(allocation.owner)s)'
export const apiReader = 'role:reader or role:service'
export const runbookAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:manager and project_id:%(runbook.owner)s) or role:service'
export const systemAdmin = 'role:admin and system_scope:all'
export const systemAdminOrOwnerAdmin =
  '(role:admin and system_scope:all) or (role:service and system_scope:all) or (role:admin and project_id:%(node.owner)s) or (role:manager and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
export const systemMember = '(role:member and system_scope:all) or rule:service_role'
export const systemMemberOrOwnerAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:admin and project_id:%(node.owner)s) or (role:manager and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
export const systemMemberOrOwnerLesseeAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:admin and project_id:%(node.owner)s) or (role:manager and project_id:%(node.owner)s) or (role:admin and project_id:%(node.lessee)s) or (role:manager and project_id:%(node.lessee)s) or (role:service and project_id:%(node.owner)s)'
export const systemMemberOrOwnerMember =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:member and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
export const systemOrOwnerMemberAndLesseeAdmin =
  '(role:member and system_scope:all) or rule:service_role or (role:service and system_scope:all) or (role:member and project_id:%(node.owner)s) or (role:admin and project_id:%(node.lessee)s) or (role:manager and project_id:%(node.lessee)s) or (role:service and project_id:%(node.owner)s)'
export const systemOrOwnerReader =
  '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role or (role:reader and project_id:%(node.owner)s) or (role:service and project_id:%(node.owner)s)'
export const systemOrProjectMember =
  '(role:member and system_scope:all) or rule:service_role or (role:member and project_id:%(node.owner)s) or (role:member and project_id:%(node.lessee)s) or (role:service and system_scope:all)'
export const systemOrProjectReader =
  '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role or (role:reader and project_id:%(node.owner)s) or (role:reader and project_id:%(node.lessee)s) or (role:service and project_id:%(node.owner)s)'
export const systemReader =
  '(role:reader and system_scope:all) or (role:service and system_scope:all) or rule:service_role'
