"""Runs the migrations on the connection that storage.migrate hands over, under a lock timeout."""

from alembic import context
from sqlalchemy import Connection, text

connection = context.config.attributes["connection"]
if not isinstance(connection, Connection):
    message = "Migrations run through storage.migrate, which hands over a connection."
    raise TypeError(message)

connection.execute(text("SET lock_timeout = '5s'"))
connection.commit()
context.configure(connection=connection, transaction_per_migration=True)
with context.begin_transaction():
    context.run_migrations()
