"""
How an older database becomes a newer one: Alembic's folder, shipped inside the package.

A new revision is a file in `versions/` and a line in `upgrade.REVISIONS`. A revision
that was released is never changed.
"""
