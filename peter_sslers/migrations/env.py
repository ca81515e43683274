"""What alembic runs for each command: over the connection that lib/schema hands over."""

from alembic import context

from peter_sslers.model import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    # SQLite changes a table by making it anew.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
