CREATE TABLE "ferric_bmc_leases" (
	"bmc" text PRIMARY KEY NOT NULL,
	"process_id" uuid NOT NULL,
	"until" timestamp (6) with time zone NOT NULL,
	"last_end" timestamp (6) with time zone,
	"wanted_by" uuid
);
