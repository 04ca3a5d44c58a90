"""
Logs of earlier tries, kept beside the newest.

In:       an attempt that is about to be launched.
Out:      `user_logs/std_log.txt` is free for it; what an earlier try wrote there is `std_log_try_<n>.txt`;
          likewise each log of several processes.
Not here: writing logs (the command does), reading them (`service/`).

Invariant: called before a compute is told of the attempt, or when it says that it never
heard of it. So what lies there is of an earlier try, however often this is done.
"""

from __future__ import annotations

import logging
from pathlib import Path

from pipeyard.engine.book import JobBook
from pipeyard.engine.report import AttemptKey
from pipeyard.model.record import user_log
from pipeyard.ports import Datastores

_log = logging.getLogger(__name__)


def keep_earlier_log(datastores: Datastores, book: JobBook, key: AttemptKey) -> None:
    """Give the log of the last try that ran a name of its own. A failure spoils nothing: both then share a file."""
    ran = book.pages[key.node].ran
    if not 0 < ran < key.attempt:
        return
    count = book.graph.nodes[key.node].process_count
    for rank in range(count) if count > 1 else (None,):
        here = datastores.local_path(book.workspace, user_log(key.job_name, rank=rank))
        kept = datastores.local_path(book.workspace, user_log(key.job_name, ran, rank))
        _keep(here, kept, ran)


def _keep(here: Path, kept: Path, ran: int) -> None:
    try:
        if not kept.exists():
            here.rename(kept)
    except FileNotFoundError:
        # It wrote nothing, or its log has its name already.
        return
    except OSError as problem:
        _log.warning("cannot keep the log of try %d as %s: %s", ran, kept, problem)
