/** Who asks in the outcome table: what auth middleware would say of their tokens. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import { stringify } from 'yaml'

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

const password = 'outcome'
const userName = (scope: string, persona: string) => `${scope}.${persona}`

/** The header a user of the table logs in with; nobody is named `unknown`. */
export function loginOf(scope: 'system' | 'project', persona: string): Record<string, string> {
  if (!(persona in personas[scope])) return {}
  const login = `${userName(scope, persona)}:${password}`
  return { Authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

/** Writes the users of the table as an operator does: their passwords, and who they are. */
export async function writeUsers(
  directory: string,
): Promise<{ htpasswd: string; principals: string }> {
  const digest = await hash(password, 4)
  const known = Object.entries(personas).flatMap(([scope, ones]) =>
    Object.entries(ones).map(([name, headers]) => [userName(scope, name), headers] as const),
  )
  const users = Object.fromEntries(known.map(([name, headers]) => [name, principalOf(headers)]))
  const paths = { htpasswd: join(directory, 'htpasswd'), principals: join(directory, 'users.yaml') }
  await writeFile(paths.htpasswd, known.map(([name]) => `${name}:${digest}\n`).join(''))
  await writeFile(paths.principals, stringify({ users }))
  return paths
}

function principalOf(headers: Headers): Record<string, unknown> {
  return {
    roles: headers['X-Roles']?.split(','),
    project_id: headers['X-Project-Id'],
    project_name: headers['X-Project-Name'],
    system_scope: headers['OpenStack-System-Scope'],
  }
}
