ALTER TABLE "ferric_dhcp_leases" DROP CONSTRAINT "uniq_ferric_dhcp_leases0mac0range";--> statement-breakpoint
ALTER TABLE "ferric_dhcp_leases" ADD COLUMN "state" varchar(8) DEFAULT 'leased' NOT NULL;--> statement-breakpoint
ALTER TABLE "ferric_dhcp_leases" ADD COLUMN "association" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "uniq_ferric_dhcp_leases0mac0range0association" ON "ferric_dhcp_leases" USING btree ("mac","range","association") WHERE "ferric_dhcp_leases"."state" <> 'declined';