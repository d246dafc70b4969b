"""Run by alembic with the connection it was given; batch mode, because SQLite cannot alter in place."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], render_as_batch=True, transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()
