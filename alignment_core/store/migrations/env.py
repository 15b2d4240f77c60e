"""Runs the migrations on the connection, and inside the transaction, that `database.py` hands over."""

from alembic import context

from alignment_core.store.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
context.run_migrations()
