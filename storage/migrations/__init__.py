"""Alembic migrations, written as SQL where policies, roles and constraints are SQL."""
