"""
The database: rows in, model values out. The only folder that knows SQL.

Start at `sql.py`, which is `ports.Store`. `tables.py` says what is kept;
`migrations/` is how a database got there.
"""
