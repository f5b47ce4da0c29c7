import { index, integer, pgTable, serial, varchar } from 'drizzle-orm/pg-core'
import { jsonObject, lifecycle } from '../columns.js'
import { deployTemplates } from './deploy-templates.js'

/** Deploy template step rows; columns, keys and indexes as upstream's table of the same name. */
export const deployTemplateSteps = pgTable(
  'deploy_template_steps',
  {
    id: serial('id').primaryKey(),
    deployTemplateId: integer('deploy_template_id')
      .notNull()
      .references(() => deployTemplates.id, { onDelete: 'cascade' }),
    interface: varchar('interface', { length: 255 }).notNull(),
    step: varchar('step', { length: 255 }).notNull(),
    args: jsonObject('args').notNull(),
    priority: integer('priority').notNull(),
    ...lifecycle,
  },
  (t) => [
    index('deploy_template_steps_deploy_template_id_idx').on(t.deployTemplateId),
    index('deploy_template_steps_interface_idx').on(t.interface),
    index('deploy_template_steps_step_idx').on(t.step),
  ],
)
