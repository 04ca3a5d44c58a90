"""
The resident process that starts local steps and records how they ended. Standard library only.

In:       orders (`wire.py`, `order.py`) from servers of this home, on a Unix socket.
Out:      processes; a `record.json` per attempt, written before anything is reported; reports.
Not here: URIs, jobs, the scheduler. The launcher knows folders, commands and processes only.

Read `serve.py` first, then `attempts.py` (the parent's side), `spawn.py` (the quick
start) and `child.py` (the forked child's). To keep the resident size near 11 MB and
the start near 30 ms, no module here imports `dataclasses`, `typing`, `pathlib`,
`shutil`, `subprocess`, `logging`, `threading` or `asyncio`.
"""
