ALTER TABLE "ferric_tasks" ALTER COLUMN "user_id" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "ferric_tasks" ALTER COLUMN "project_id" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "node_history" ALTER COLUMN "user" SET DATA TYPE text;--> statement-breakpoint
ALTER TABLE "node_history" ALTER COLUMN "project" SET DATA TYPE text;