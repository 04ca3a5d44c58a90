"""
What the values of a sweep are drawn from.

In:       the sweep's node, and the job that it is in.
Out:      a text: the same one whenever the same values are wanted.
Not here: drawing them (`sweep/sample.py`).
"""

from __future__ import annotations

import hashlib
import json
from functools import partial

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.graph.sweep import Sweep


async def seed_of(conduct: Conduct, control: Sweep) -> str:
    """
    Return what the values of a sweep are drawn from.

    Without a seed, a step of a pipeline draws the same for the same search space, so that a pipeline that is
    submitted again finds its trials done; a sweep of its own draws what no other does, but for the one that
    it resumes (decision 0023).
    """
    sampling = control.spec.sampling
    if sampling.seed is not None:
        return str(sampling.seed)
    graph = conduct.book.graph
    if not graph.is_pipeline or graph.force_rerun or not conduct.node.reuse:
        return f"{await _first_root(conduct)}/{conduct.node.id}"
    written = json.dumps([repr(control.spec.space), sampling.algorithm.value, conduct.node.id])
    return hashlib.sha256(written.encode()).hexdigest()


async def _first_root(conduct: Conduct) -> str:
    """Return the job that the sweep's job goes on with, or that one goes on with in turn; its own for any other."""
    root, store = conduct.book.root, conduct.world.store
    while (plan := root.detail.get("reuse_plan")) and conduct.node.id not in (plan.get("rerun") or ()):
        source, workspace = str(plan["source"]), root.workspace
        earlier = await conduct.read(partial(store.load_job, workspace, source))
        if earlier is None:
            return source
        root = earlier
    return root.name
