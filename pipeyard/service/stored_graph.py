"""
Graphs of stored jobs, built again: for a restarted engine, and for a step that is run once more.

In:       a root record and what was submitted.
Out:      the graph as it was accepted.
Not here: building the first one (`draft.py`, `submit.py`).

A child job was not submitted by anybody. What is stored of it says whose child it is and which values it
has (`children.py`); its graph is the body of its parent's node with these in their places.
"""

from __future__ import annotations

from collections import OrderedDict

from pipeyard.graph.control import Repeated
from pipeyard.graph.derive import fill
from pipeyard.graph.model import Graph
from pipeyard.graph.slim import slim
from pipeyard.model.errors import Bug
from pipeyard.model.record import JobRecord, Submission
from pipeyard.ports import Store
from pipeyard.service.draft import graph_again
from pipeyard.service.given import values_of
from pipeyard.service.resolve import substitute

# A sweep of a thousand trials asks for the same graph a thousand times.
_REMEMBERED = 4


class StoredGraphs:
    """A `GraphSource`."""

    def __init__(self, store: Store) -> None:
        """Look parents up in *store*."""
        self._store = store
        self._parents: OrderedDict[str, Graph] = OrderedDict()

    def graph_of(self, root: JobRecord, submission: Submission) -> Graph:
        """Return the graph as it was accepted."""
        child = submission.document.get("child")
        if child is not None:
            body = self._body(root.workspace, child["of_root"], child["of_node"])
            return fill(body, values_of(child["values"]), is_rerun=bool(child.get("is_rerun")))
        graph = graph_again(submission.document, submission.components)
        return slim(substitute(graph, root.detail.get("resolved") or {}, root.detail.get("contents") or {}))

    def _body(self, workspace: str, root_name: str, node: str) -> Graph:
        graph = self._parents.get(root_name)
        if graph is None:
            root = self._store.load_job(workspace, root_name)
            submission = self._store.load_submission(workspace, root_name)
            if root is None or submission is None:
                raise Bug(f"a child of job {root_name} is stored, and the job is not")
            graph = self._parents[root_name] = self.graph_of(root, submission)
            while len(self._parents) > _REMEMBERED:
                self._parents.popitem(last=False)
        control = graph.nodes[node].control
        if not isinstance(control, Repeated):
            raise Bug(f"`{node}` of job {root_name} runs no child jobs")
        return control.body
