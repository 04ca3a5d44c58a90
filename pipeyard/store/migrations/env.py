"""
Run by Alembic: migrate over the connection that `upgrade.py` already has.

Not here: beginning and ending the transaction, which holds every step at once.
"""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
