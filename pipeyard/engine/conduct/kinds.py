"""
Which conductor carries out which kind of control node.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from pipeyard.engine.conduct.conduct import Conduct
from pipeyard.engine.conduct.ending import Ending
from pipeyard.engine.conduct.items import conduct_items
from pipeyard.engine.conduct.loop import conduct_loop
from pipeyard.engine.conduct.sweep import conduct_sweep
from pipeyard.graph.flow import ForEach, Loop
from pipeyard.graph.model import Control
from pipeyard.graph.sweep import Sweep

Conductor = Callable[[Conduct], Awaitable[Ending]]

CONDUCTORS: Mapping[type[Control | None], Conductor] = {
    Sweep: conduct_sweep,
    Loop: conduct_loop,
    ForEach: conduct_items,
}
