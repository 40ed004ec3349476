"""Changes to the schema, in order, for SQLite and PostgreSQL alike. See README.md beside this."""
