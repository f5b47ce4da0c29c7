/** Who asks in the outcome table: what auth middleware would say of their tokens. */
export type Headers = Readonly<Record<string, string>>

const ownerProject = '70e5e25a-2ca2-4cb1-8ae8-7d8739cee205'
const lesseeProject = 'f11853c7-fa9c-4db3-a477-c9d8e0dbbf13'
const thirdProject = 'ae64129e-b188-4662-b014-4127f4366ee6'
const system = (roles: string): Headers => ({ 'X-Roles': roles, 'OpenStack-System-Scope': 'all' })
const project = (id: string, roles: string): Headers => ({ 'X-Roles': roles, 'X-Project-Id': id })
const all = 'admin,manager,member,reader'

export const projects = { owner: ownerProject, lessee: lesseeProject, third: thirdProject }

export const personas: Readonly<Record<'system' | 'project', Readonly<Record<string, Headers>>>> = {
  system: {
    project_admin: project(ownerProject, all),
    admin: system('admin,member,reader'),
    scoped_member: system('member,reader'),
    reader: system('reader'),
    other_admin: {
      ...project('a1111111111111111111111111111111', 'admin,member,reader'),
      'X-Project-Name': 'other-project',
    },
    service: system('service'),
    service_project: {
      ...project('c11111111111111111111111111111', 'service'),
      'X-Project-Name': 'service',
    },
  },
  project: {
    owner_admin: project(ownerProject, all),
    owner_manager: project(ownerProject, 'manager,member,reader'),
    owner_member: project(ownerProject, 'member,reader'),
    owner_reader: project(ownerProject, 'reader'),
    lessee_admin: project(lesseeProject, all),
    lessee_manager: project(lesseeProject, 'manager,member,reader'),
    lessee_member: project(lesseeProject, 'member,reader'),
    lessee_reader: project(lesseeProject, 'reader'),
    third_party_admin: project(thirdProject, all),
    service: project(thirdProject, 'service'),
    service_owner_project: project(ownerProject, 'service'),
  },
}
