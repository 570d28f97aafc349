"""Run by Alembic: upgrades over the connection that schema.migrate has locked, inside its transaction."""

from alembic import context

from watchbill.alerts.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
