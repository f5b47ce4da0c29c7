CREATE TABLE "allocations" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"name" varchar(255),
	"node_id" integer,
	"state" varchar(15) NOT NULL,
	"owner" varchar(255),
	"last_error" text,
	"resource_class" varchar(80),
	"traits" json,
	"candidate_nodes" json,
	"extra" json,
	"conductor_affinity" integer,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_allocations0name" UNIQUE("name"),
	CONSTRAINT "uniq_allocations0uuid" UNIQUE("uuid")
);
--> statement-breakpoint
CREATE TABLE "bios_settings" (
	"node_id" integer NOT NULL,
	"name" varchar(255) NOT NULL,
	"value" text,
	"attribute_type" varchar(255),
	"allowable_values" json,
	"lower_bound" bigint,
	"max_length" integer,
	"min_length" integer,
	"read_only" boolean,
	"reset_required" boolean,
	"unique" boolean,
	"upper_bound" bigint,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "bios_settings_node_id_name_pk" PRIMARY KEY("node_id","name")
);
--> statement-breakpoint
CREATE TABLE "chassis" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"extra" json,
	"description" varchar(255),
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_chassis0uuid" UNIQUE("uuid")
);
--> statement-breakpoint
CREATE TABLE "conductor_hardware_interfaces" (
	"id" serial PRIMARY KEY NOT NULL,
	"conductor_id" integer NOT NULL,
	"hardware_type" varchar(255) NOT NULL,
	"interface_type" varchar(16) NOT NULL,
	"interface_name" varchar(255) NOT NULL,
	"default" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_conductorhardwareinterfaces0" UNIQUE("conductor_id","hardware_type","interface_type","interface_name")
);
--> statement-breakpoint
CREATE TABLE "conductors" (
	"id" serial PRIMARY KEY NOT NULL,
	"hostname" varchar(255) NOT NULL,
	"drivers" json,
	"online" boolean DEFAULT true,
	"conductor_group" varchar(255) DEFAULT '' NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_conductors0hostname" UNIQUE("hostname")
);
--> statement-breakpoint
CREATE TABLE "deploy_template_steps" (
	"id" serial PRIMARY KEY NOT NULL,
	"deploy_template_id" integer NOT NULL,
	"interface" varchar(255) NOT NULL,
	"step" varchar(255) NOT NULL,
	"args" json NOT NULL,
	"priority" integer NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15)
);
--> statement-breakpoint
CREATE TABLE "deploy_templates" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"name" varchar(255) NOT NULL,
	"extra" json,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_deploytemplates0uuid" UNIQUE("uuid"),
	CONSTRAINT "uniq_deploytemplates0name" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "ferric_processes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" varchar(255) NOT NULL,
	"roles" varchar(64) NOT NULL,
	"started_at" timestamp (6) with time zone NOT NULL,
	"heartbeat_at" timestamp (6) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ferric_reservations" (
	"node_id" integer PRIMARY KEY NOT NULL,
	"token" uuid NOT NULL,
	"host" varchar(255) NOT NULL,
	"process_id" uuid NOT NULL,
	"task_id" uuid,
	"purpose" text NOT NULL,
	"since" timestamp (6) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ferric_tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" varchar(64) NOT NULL,
	"node_id" integer,
	"args" json NOT NULL,
	"queue" varchar(255) NOT NULL,
	"state" varchar(16) DEFAULT 'queued' NOT NULL,
	"process_id" uuid,
	"attempts" integer DEFAULT 0 NOT NULL,
	"request_id" varchar(64),
	"user_id" varchar(64),
	"project_id" varchar(80),
	"not_before" timestamp (6) with time zone,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (6) with time zone
);
--> statement-breakpoint
CREATE TABLE "firmware_information" (
	"id" serial PRIMARY KEY NOT NULL,
	"node_id" integer NOT NULL,
	"component" varchar(255) NOT NULL,
	"initial_version" varchar(255) NOT NULL,
	"current_version" varchar(255),
	"last_version_flashed" varchar(255),
	"vendor" varchar(255),
	"model" varchar(255),
	"serial_number" varchar(255),
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_nodecomponent0node_id0component" UNIQUE("node_id","component")
);
--> statement-breakpoint
CREATE TABLE "inspection_rules" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"description" varchar(255),
	"scope" varchar(255),
	"sensitive" boolean DEFAULT false,
	"phase" varchar(16) DEFAULT 'main',
	"conditions" json,
	"actions" json NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_inspection_rules0uuid" UNIQUE("uuid")
);
--> statement-breakpoint
CREATE TABLE "node_history" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"conductor" varchar(255),
	"event_type" varchar(255),
	"severity" varchar(255),
	"event" text,
	"user" varchar(64),
	"project" varchar(80),
	"node_id" integer,
	"state" varchar(255),
	"target_provision_state" varchar(255),
	"duration_seconds" integer,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_history0uuid" UNIQUE("uuid")
);
--> statement-breakpoint
CREATE TABLE "node_inventory" (
	"id" serial PRIMARY KEY NOT NULL,
	"inventory_data" json,
	"plugin_data" json,
	"node_id" integer,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15)
);
--> statement-breakpoint
CREATE TABLE "node_tags" (
	"node_id" integer NOT NULL,
	"tag" varchar(255) NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "node_tags_node_id_tag_pk" PRIMARY KEY("node_id","tag")
);
--> statement-breakpoint
CREATE TABLE "node_traits" (
	"node_id" integer NOT NULL,
	"trait" varchar(255) NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "node_traits_node_id_trait_pk" PRIMARY KEY("node_id","trait")
);
--> statement-breakpoint
CREATE TABLE "nodes" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"instance_uuid" varchar(36),
	"instance_name" varchar(255),
	"name" varchar(255),
	"chassis_id" integer,
	"power_state" varchar(15),
	"target_power_state" varchar(15),
	"provision_state" varchar(15) NOT NULL,
	"target_provision_state" varchar(15),
	"provision_updated_at" timestamp (6) with time zone,
	"last_error" text,
	"instance_info" json,
	"properties" json,
	"driver" varchar(255),
	"driver_info" json,
	"driver_internal_info" json,
	"clean_step" json,
	"deploy_step" json,
	"resource_class" varchar(80),
	"raid_config" json,
	"target_raid_config" json,
	"reservation" varchar(255),
	"conductor_affinity" integer,
	"conductor_group" varchar(255) DEFAULT '' NOT NULL,
	"maintenance" boolean DEFAULT false,
	"maintenance_reason" text,
	"fault" varchar(255),
	"console_enabled" boolean DEFAULT false,
	"inspection_finished_at" timestamp (6) with time zone,
	"inspection_started_at" timestamp (6) with time zone,
	"extra" json,
	"automated_clean" boolean,
	"protected" boolean DEFAULT false NOT NULL,
	"protected_reason" text,
	"owner" varchar(255),
	"lessee" varchar(255),
	"allocation_id" integer,
	"description" text,
	"bios_interface" varchar(255),
	"boot_interface" varchar(255),
	"console_interface" varchar(255),
	"deploy_interface" varchar(255),
	"firmware_interface" varchar(255),
	"inspect_interface" varchar(255),
	"management_interface" varchar(255),
	"network_interface" varchar(255),
	"raid_interface" varchar(255),
	"rescue_interface" varchar(255),
	"retired" boolean DEFAULT false,
	"retired_reason" text,
	"network_data" json,
	"storage_interface" varchar(255),
	"power_interface" varchar(255),
	"vendor_interface" varchar(255),
	"boot_mode" varchar(16),
	"secure_boot" boolean,
	"shard" varchar(255),
	"parent_node" varchar(36),
	"service_step" json,
	"disable_power_off" boolean DEFAULT false,
	"health" varchar(32),
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_nodes0uuid" UNIQUE("uuid"),
	CONSTRAINT "uniq_nodes0instance_uuid" UNIQUE("instance_uuid"),
	CONSTRAINT "uniq_nodes0name" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "portgroups" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"name" varchar(255),
	"node_id" integer,
	"address" varchar(18),
	"extra" json,
	"internal_info" json,
	"standalone_ports_supported" boolean DEFAULT true,
	"mode" varchar(255),
	"properties" json,
	"physical_network" varchar(64),
	"category" varchar(80),
	"dynamic_portgroup" boolean DEFAULT false,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_portgroups0uuid" UNIQUE("uuid"),
	CONSTRAINT "uniq_portgroups0address" UNIQUE("address"),
	CONSTRAINT "uniq_portgroups0name" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "ports" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"address" varchar(18),
	"node_id" integer,
	"extra" json,
	"local_link_connection" json,
	"portgroup_id" integer,
	"pxe_enabled" boolean DEFAULT true,
	"internal_info" json,
	"physical_network" varchar(64),
	"is_smartnic" boolean DEFAULT false,
	"name" varchar(255),
	"description" varchar(255),
	"vendor" varchar(32),
	"category" varchar(80),
	"available_for_dynamic_portgroup" boolean DEFAULT true NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_ports0address" UNIQUE("address"),
	CONSTRAINT "uniq_ports0uuid" UNIQUE("uuid"),
	CONSTRAINT "uniq_ports0name" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "runbook_steps" (
	"id" serial PRIMARY KEY NOT NULL,
	"runbook_id" integer NOT NULL,
	"interface" varchar(255) NOT NULL,
	"step" varchar(255) NOT NULL,
	"args" json NOT NULL,
	"order" integer NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15)
);
--> statement-breakpoint
CREATE TABLE "runbook_traits" (
	"runbook_id" integer NOT NULL,
	"trait" varchar(255) NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "runbook_traits_runbook_id_trait_pk" PRIMARY KEY("runbook_id","trait")
);
--> statement-breakpoint
CREATE TABLE "runbooks" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"name" varchar(255) NOT NULL,
	"description" varchar(255),
	"public" boolean DEFAULT false,
	"owner" varchar(255),
	"disable_ramdisk" boolean DEFAULT false,
	"extra" json,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_runbooks0uuid" UNIQUE("uuid"),
	CONSTRAINT "uniq_runbooks0name" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "volume_connectors" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"node_id" integer,
	"type" varchar(32),
	"connector_id" varchar(255),
	"extra" json,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_volumeconnectors0uuid" UNIQUE("uuid"),
	CONSTRAINT "uniq_volumeconnectors0type0connector_id" UNIQUE("type","connector_id")
);
--> statement-breakpoint
CREATE TABLE "volume_targets" (
	"id" serial PRIMARY KEY NOT NULL,
	"uuid" varchar(36) NOT NULL,
	"node_id" integer,
	"volume_type" varchar(64),
	"properties" json,
	"boot_index" integer,
	"volume_id" varchar(36),
	"extra" json,
	"created_at" timestamp (6) with time zone DEFAULT now(),
	"updated_at" timestamp (6) with time zone,
	"version" varchar(15),
	CONSTRAINT "uniq_volumetargets0uuid" UNIQUE("uuid"),
	CONSTRAINT "uniq_volumetargets0node_id0boot_index" UNIQUE("node_id","boot_index")
);
--> statement-breakpoint
ALTER TABLE "bios_settings" ADD CONSTRAINT "bios_settings_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conductor_hardware_interfaces" ADD CONSTRAINT "conductor_hardware_interfaces_conductor_id_conductors_id_fk" FOREIGN KEY ("conductor_id") REFERENCES "public"."conductors"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deploy_template_steps" ADD CONSTRAINT "deploy_template_steps_deploy_template_id_deploy_templates_id_fk" FOREIGN KEY ("deploy_template_id") REFERENCES "public"."deploy_templates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ferric_reservations" ADD CONSTRAINT "ferric_reservations_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ferric_tasks" ADD CONSTRAINT "ferric_tasks_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "firmware_information" ADD CONSTRAINT "firmware_information_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_history" ADD CONSTRAINT "node_history_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_inventory" ADD CONSTRAINT "node_inventory_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_tags" ADD CONSTRAINT "node_tags_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "node_traits" ADD CONSTRAINT "node_traits_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "nodes" ADD CONSTRAINT "nodes_chassis_id_chassis_id_fk" FOREIGN KEY ("chassis_id") REFERENCES "public"."chassis"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "nodes" ADD CONSTRAINT "nodes_conductor_affinity_conductors_id_fk" FOREIGN KEY ("conductor_affinity") REFERENCES "public"."conductors"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "nodes" ADD CONSTRAINT "nodes_allocation_id_allocations_id_fk" FOREIGN KEY ("allocation_id") REFERENCES "public"."allocations"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "portgroups" ADD CONSTRAINT "portgroups_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ports" ADD CONSTRAINT "ports_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ports" ADD CONSTRAINT "ports_portgroup_id_portgroups_id_fk" FOREIGN KEY ("portgroup_id") REFERENCES "public"."portgroups"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runbook_steps" ADD CONSTRAINT "runbook_steps_runbook_id_runbooks_id_fk" FOREIGN KEY ("runbook_id") REFERENCES "public"."runbooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runbook_traits" ADD CONSTRAINT "runbook_traits_runbook_id_runbooks_id_fk" FOREIGN KEY ("runbook_id") REFERENCES "public"."runbooks"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "volume_connectors" ADD CONSTRAINT "volume_connectors_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "volume_targets" ADD CONSTRAINT "volume_targets_node_id_nodes_id_fk" FOREIGN KEY ("node_id") REFERENCES "public"."nodes"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "allocations_node_id_idx" ON "allocations" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "allocations_state_idx" ON "allocations" USING btree ("state");--> statement-breakpoint
CREATE INDEX "deploy_template_steps_deploy_template_id_idx" ON "deploy_template_steps" USING btree ("deploy_template_id");--> statement-breakpoint
CREATE INDEX "deploy_template_steps_interface_idx" ON "deploy_template_steps" USING btree ("interface");--> statement-breakpoint
CREATE INDEX "deploy_template_steps_step_idx" ON "deploy_template_steps" USING btree ("step");--> statement-breakpoint
CREATE INDEX "ferric_reservations_process_id_idx" ON "ferric_reservations" USING btree ("process_id");--> statement-breakpoint
CREATE INDEX "ferric_tasks_node_id_idx" ON "ferric_tasks" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "ferric_tasks_state_idx" ON "ferric_tasks" USING btree ("state");--> statement-breakpoint
CREATE INDEX "ferric_tasks_process_id_idx" ON "ferric_tasks" USING btree ("process_id");--> statement-breakpoint
CREATE INDEX "inspection_rule_scope_idx" ON "inspection_rules" USING btree ("scope");--> statement-breakpoint
CREATE INDEX "inspection_rule_phase_idx" ON "inspection_rules" USING btree ("phase");--> statement-breakpoint
CREATE INDEX "node_history_history_node_id_idx" ON "node_history" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "node_history_history_uuid_idx" ON "node_history" USING btree ("uuid");--> statement-breakpoint
CREATE INDEX "node_history_history_conductor_idx" ON "node_history" USING btree ("conductor");--> statement-breakpoint
CREATE INDEX "node_inventory_inventory_node_id_idx" ON "node_inventory" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "node_tags_idx" ON "node_tags" USING btree ("tag");--> statement-breakpoint
CREATE INDEX "node_traits_idx" ON "node_traits" USING btree ("trait");--> statement-breakpoint
CREATE INDEX "nodes_owner_idx" ON "nodes" USING btree ("owner");--> statement-breakpoint
CREATE INDEX "nodes_lessee_idx" ON "nodes" USING btree ("lessee");--> statement-breakpoint
CREATE INDEX "nodes_driver_idx" ON "nodes" USING btree ("driver");--> statement-breakpoint
CREATE INDEX "nodes_provision_state_idx" ON "nodes" USING btree ("provision_state");--> statement-breakpoint
CREATE INDEX "nodes_reservation_idx" ON "nodes" USING btree ("reservation");--> statement-breakpoint
CREATE INDEX "nodes_conductor_group_idx" ON "nodes" USING btree ("conductor_group");--> statement-breakpoint
CREATE INDEX "nodes_resource_class_idx" ON "nodes" USING btree ("resource_class");--> statement-breakpoint
CREATE INDEX "nodes_shard_idx" ON "nodes" USING btree ("shard");--> statement-breakpoint
CREATE INDEX "nodes_parent_node_idx" ON "nodes" USING btree ("parent_node");--> statement-breakpoint
CREATE INDEX "nodes_chassis_id_idx" ON "nodes" USING btree ("chassis_id");--> statement-breakpoint
CREATE INDEX "nodes_allocation_id_idx" ON "nodes" USING btree ("allocation_id");--> statement-breakpoint
CREATE INDEX "nodes_conductor_affinity_idx" ON "nodes" USING btree ("conductor_affinity");--> statement-breakpoint
CREATE INDEX "portgroups_node_id_idx" ON "portgroups" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "ports_node_id_idx" ON "ports" USING btree ("node_id");--> statement-breakpoint
CREATE INDEX "ports_portgroup_id_idx" ON "ports" USING btree ("portgroup_id");--> statement-breakpoint
CREATE INDEX "runbook_steps_runbook_id_idx" ON "runbook_steps" USING btree ("runbook_id");--> statement-breakpoint
CREATE INDEX "runbook_steps_interface_idx" ON "runbook_steps" USING btree ("interface");--> statement-breakpoint
CREATE INDEX "runbook_steps_step_idx" ON "runbook_steps" USING btree ("step");--> statement-breakpoint
CREATE INDEX "runbook_traits_idx" ON "runbook_traits" USING btree ("trait");--> statement-breakpoint
CREATE INDEX "volume_connectors_node_id_idx" ON "volume_connectors" USING btree ("node_id");