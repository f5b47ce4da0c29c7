CREATE TABLE "ferric_lock_waiters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"node_id" integer NOT NULL,
	"rank" integer NOT NULL,
	"since" timestamp (6) with time zone NOT NULL,
	"until" timestamp (6) with time zone NOT NULL,
	"purpose" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ferric_lock_waiters" ADD CONSTRAINT "ferric_lock_waiters_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ferric_lock_waiters_node_id_idx" ON "ferric_lock_waiters" USING btree ("node_id");