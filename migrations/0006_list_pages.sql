DROP INDEX "nodes_owner_idx";--> statement-breakpoint
DROP INDEX "nodes_lessee_idx";--> statement-breakpoint
DROP INDEX "nodes_driver_idx";--> statement-breakpoint
DROP INDEX "nodes_provision_state_idx";--> statement-breakpoint
DROP INDEX "nodes_conductor_group_idx";--> statement-breakpoint
DROP INDEX "nodes_resource_class_idx";--> statement-breakpoint
DROP INDEX "nodes_shard_idx";--> statement-breakpoint
CREATE INDEX "nodes_name_idx" ON "nodes" USING btree ("name" NULLS FIRST,"id");--> statement-breakpoint
CREATE INDEX "nodes_owner_idx" ON "nodes" USING btree ("owner" NULLS FIRST,"id");--> statement-breakpoint
CREATE INDEX "nodes_lessee_idx" ON "nodes" USING btree ("lessee" NULLS FIRST,"id");--> statement-breakpoint
CREATE INDEX "nodes_driver_idx" ON "nodes" USING btree ("driver" NULLS FIRST,"id");--> statement-breakpoint
CREATE INDEX "nodes_provision_state_idx" ON "nodes" USING btree ("provision_state","id");--> statement-breakpoint
CREATE INDEX "nodes_conductor_group_idx" ON "nodes" USING btree ("conductor_group","id");--> statement-breakpoint
CREATE INDEX "nodes_resource_class_idx" ON "nodes" USING btree ("resource_class" NULLS FIRST,"id");--> statement-breakpoint
CREATE INDEX "nodes_shard_idx" ON "nodes" USING btree ("shard" NULLS FIRST,"id");