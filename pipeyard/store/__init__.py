"""
The database: rows in, model values out. The only folder that knows SQL.
"""
