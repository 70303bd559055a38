"""Alembic's entry: uses the engine that the caller hands over."""

from alembic import context

from audit_app.migrations.tables import METADATA

engine = context.config.attributes["engine"]
writer = engine.execution_options(audit_write=True)

with writer.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
