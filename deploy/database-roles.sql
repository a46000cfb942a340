-- The database's roles. Once, as a superuser, before the first `manage.py migrate`:
--
--     psql --set=database=portal --file=database-roles.sql postgres
--
-- portal_owner   owns the tables; only `manage.py migrate` signs in as it (DATABASE_OWNER_URL)
-- portal         the portal itself (DATABASE_URL): reads and writes rows, changes no table, empties none,
--                and is held by row-level security
-- portal_backup  reads every row, for pg_dump; row-level security would stop the owner's own dump
--
-- Passwords, or peer authentication in pg_hba.conf, are given apart: \password portal

\set ON_ERROR_STOP on

CREATE ROLE portal_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE portal LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
CREATE ROLE portal_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS;
GRANT pg_read_all_data TO portal_backup;

CREATE DATABASE :"database" OWNER portal_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"database" TO portal, portal_backup;

\connect :"database"

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO portal, portal_backup;

-- Whatever a migration makes from here on. No TRUNCATE, no REFERENCES, no TRIGGER.
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO portal;
