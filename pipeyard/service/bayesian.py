"""
Whether the bayesian sweeps of a job can choose their values here: said before anything runs.

In:       a graph.
Out:      a problem for the first sweep that could not.
Not here: choosing (`pipeyard/suggest/`).
"""

from __future__ import annotations

from importlib.util import find_spec

from pipeyard.graph.control import every_node
from pipeyard.graph.model import Graph
from pipeyard.graph.sweep import Sweep
from pipeyard.model.diagnostic import Diagnostic
from pipeyard.model.sweep import Algorithm


def bayesian_problems(graph: Graph) -> tuple[Diagnostic, ...]:
    """Return what keeps sweeps from bayesian sampling; nothing is asked when none wants it."""
    for node in every_node(graph):
        control = node.control
        if not isinstance(control, Sweep) or control.spec.sampling.algorithm is not Algorithm.BAYESIAN:
            continue
        if find_spec("optuna") is not None:
            return ()
        return (
            Diagnostic(
                "no-suggester",
                "`bayesian` sampling needs optuna, and the Python that the server runs with has none",
                control.spec.sampling.place,
                expected="optuna where the server runs",
                hint="pip install 'pipeyard[sweep]' and restart the server, or use `sampling_algorithm: random`",
            ),
        )
    return ()
