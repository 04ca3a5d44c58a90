"""
The server as a process: its home, lock, port, token, log, and how it says that it is ready.

Not here: what it serves (`api/`), which parts it is made of (`app.py`).
"""
