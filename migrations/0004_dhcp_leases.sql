CREATE TABLE "ferric_dhcp_leases" (
	"address" varchar(45) PRIMARY KEY NOT NULL,
	"mac" varchar(18) NOT NULL,
	"range" varchar(100) NOT NULL,
	"given_at" timestamp (6) with time zone NOT NULL,
	"expires_at" timestamp (6) with time zone NOT NULL,
	CONSTRAINT "uniq_ferric_dhcp_leases0mac0range" UNIQUE("mac","range")
);
