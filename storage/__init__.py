"""All SQL of the service: tables, queries, migrations."""
