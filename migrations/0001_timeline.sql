CREATE TABLE "ferric_timeline" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"node_id" integer NOT NULL,
	"at" timestamp (6) with time zone NOT NULL,
	"kind" varchar(32) NOT NULL,
	"summary" text NOT NULL,
	"detail" json NOT NULL,
	"host" varchar(255) NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ferric_timeline" ADD CONSTRAINT "ferric_timeline_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ferric_timeline_node_id_at_idx" ON "ferric_timeline" USING btree ("node_id","at","id");--> statement-breakpoint
CREATE INDEX "ferric_timeline_at_idx" ON "ferric_timeline" USING brin ("at");