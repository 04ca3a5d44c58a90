"""
What would become of each step of a job, if it were submitted now.

In:       a job as the engine would accept it; files that nobody has sent yet.
Out:      for each step: the result that would stand for it, why it runs, or what that depends on.
Not here: choosing (`lookup.py`, the same walk as for a job that runs), sentences for people (`cli/`).

Steps that read what only reused steps wrote are asked about as the engine would. Of one
behind a step that runs, an input is not known yet: if everything else is as it was in an
earlier run, it depends; if not, it runs, whatever comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeyard.engine.book import JobBook
from pipeyard.engine.choosing import chosen
from pipeyard.engine.explain import Explainer
from pipeyard.engine.lookup import Answer, Asked, LookUp, unexplained
from pipeyard.engine.plan import policy_in
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.flow import CONDITION, Choice
from pipeyard.graph.model import Graph, Node, NodeId, NodeOutput
from pipeyard.model.assets import Manifest
from pipeyard.model.reuse import Decision, Forecast, Reason
from pipeyard.ports import AcceptedJob
from pipeyard.reuse.parts import KeyParts, with_assumed, with_undecided
from pipeyard.reuse.reason import NOTHING_EARLIER, reasons_of

# As many earlier runs of a step are compared with.
_EARLIER_MAX = 10


class StepForeseer:
    """`ports.Foreseer` beside a running engine. May be used by several threads."""

    def __init__(self, world: Surroundings) -> None:
        """Look into the world that the engine works in."""
        self._world = world

    def foresee(self, job: AcceptedJob, uploads: Mapping[str, Manifest]) -> Sequence[Forecast]:
        """Return what would become of each step, in the graph's order."""
        # One of its own: what it holds for the steps of a job is forgotten with it.
        return _Walk(self._world, LookUp(self._world), job, uploads).run()


class _Walk:
    """One job, from its first steps to its last."""

    def __init__(self, world: Surroundings, look_up: LookUp, job: AcceptedJob, uploads: Mapping[str, Manifest]) -> None:
        self._look_up = look_up
        self._store = world.store
        self._graph = job.graph
        self._book = JobBook(job.graph, job.records)
        # Of steps behind those that run, what is known already, in a book of its own; what others left is the same.
        self._partly = dict(job.graph.nodes)
        self._partial = JobBook(replace(job.graph, nodes=self._partly), job.records)
        self._partial.pages = self._book.pages
        self._uploads = uploads
        self._explainer = Explainer(world.store, self._book.workspace, uploads)
        self._found: dict[NodeId, Forecast] = {}
        # The first step that runs with a key.
        self._running: dict[str, NodeId] = {}

    def run(self) -> list[Forecast]:
        for nodes in _levels(self._graph):
            open_inputs = {node.id: self._open_inputs(node) for node in nodes}
            self._decide([node for node in nodes if not open_inputs[node.id]])
            self._decide_later([(node, open_inputs[node.id]) for node in nodes if open_inputs[node.id]])
        self._found |= self._chosen()
        return [self._found[node] for node in self._graph.nodes]

    def _chosen(self) -> dict[NodeId, Forecast]:
        """Return what is to be said of steps that run only if a choice takes their block."""
        changed: dict[NodeId, Forecast] = {}
        for node in self._graph.nodes.values():
            control = node.control
            if isinstance(control, Choice) and node.id not in changed:
                changed |= self._blocks_of(node, control)
            gone = next((changed[source] for source in node.upstream if _is_gone(changed.get(source))), None)
            if gone is not None:
                changed.setdefault(node.id, Forecast(node.id, Decision.BYPASS, gone.reasons))
        return changed

    def _blocks_of(self, node: Node, choice: Choice) -> dict[NodeId, Forecast]:
        bound = node.inputs[CONDITION]
        is_open = isinstance(bound, NodeOutput) and self._found[bound.node].decision is not Decision.REUSE
        if not is_open:
            bypassed = chosen(self._book, node.id, choice, 0).bypassed
            reason = Reason("bypassed", f"`{node.id}` takes the other way")
            return {id_: Forecast(id_, Decision.BYPASS, (reason,)) for id_ in bypassed}
        found: dict[NodeId, Forecast] = {}
        for block, ids in (("true_block", choice.if_true), ("false_block", choice.if_false)):
            reason = Reason("block", f"it will run only if `{node.id}` takes its `{block}`")
            found |= {id_: Forecast(id_, Decision.DEPENDS, (reason,)) for id_ in ids}
        return found

    # --- everything is known -----------------------------------------------------------------

    def _decide(self, nodes: Sequence[Node]) -> None:
        asked = [Asked(self._book, node.id) for node in nodes]
        answers = self._look_up.answer(asked, in_passing=False, uploads=self._uploads)
        for node, answer in zip(nodes, answers, strict=True):
            if answer.found is not None:
                self._take(node, answer)
            elif not self._wait_for_twin(node, answer):
                self._found[node.id] = Forecast(node.id, Decision.RUN, answer.reasons)

    def _take(self, node: Node, answer: Answer) -> None:
        assert answer.found is not None
        page = self._book.pages[node.id]
        page.source_job = answer.found.writer
        page.outputs |= {output.output: output for output in answer.outputs}
        self._found[node.id] = Forecast(node.id, Decision.REUSE, source=answer.found)

    def _wait_for_twin(self, node: Node, answer: Answer) -> bool:
        """Return whether an equal step of this job runs, whose result the step then takes."""
        if answer.key is None or not answer.policy.takes_any or not answer.may_give:
            return False
        first = self._running.setdefault(answer.key, node.id)
        if first == node.id:
            return False
        reason = Reason(
            "equal-step", f"it will run if step `{first}`, which is equal, does not complete; else it takes its result"
        )
        self._found[node.id] = Forecast(node.id, Decision.DEPENDS, (reason,))
        return True

    # --- something is not known yet ----------------------------------------------------------

    def _open_inputs(self, node: Node) -> list[str]:
        return [
            name
            for name, bound in node.inputs.items()
            if isinstance(bound, NodeOutput) and self._found[bound.node].decision is not Decision.REUSE
        ]

    def _decide_later(self, nodes: Sequence[tuple[Node, Sequence[str]]]) -> None:
        """Decide about steps by what is known of them."""
        asked = []
        for node, names in nodes:
            inputs = {name: bound for name, bound in node.inputs.items() if name not in names}
            self._partly[node.id] = replace(node, inputs=inputs)
            asked.append(Asked(self._partial, node.id))
        answers = self._look_up.answer(asked, in_passing=False, uploads=None)
        for (node, names), answer in zip(nodes, answers, strict=True):
            policy = policy_in(self._graph, node, self._book.plan)
            if not policy.takes_any:
                reasons = () if policy.reason is None else (policy.reason,)
                self._found[node.id] = Forecast(node.id, Decision.RUN, reasons)
            elif answer.key is None:
                self._found[node.id] = Forecast(node.id, Decision.RUN, answer.reasons)
            else:
                self._found[node.id] = self._compared(node, with_undecided(answer.parts, node, names), names)

    def _compared(self, node: Node, parts: KeyParts, names: Sequence[str]) -> Forecast:
        one = unexplained(self._book, node.id, parts)
        earlier = self._store.nearest_results(self._book.workspace, one.step, _EARLIER_MAX)
        newest: tuple[Reason, ...] | None = None
        for result in earlier:
            assumed = with_assumed(parts, names, result.parts)
            reasons = reasons_of(node, assumed, result, self._explainer.details(one, result))
            if not reasons:
                return Forecast(node.id, Decision.DEPENDS, (self._depends(node, names),), source=result)
            newest = newest or reasons
        return Forecast(node.id, Decision.RUN, newest or (NOTHING_EARLIER,))

    def _depends(self, node: Node, names: Sequence[str]) -> Reason:
        sources = []
        for name in names:
            bound = node.inputs[name]
            assert isinstance(bound, NodeOutput)
            sources.append(f"output `{bound.output}` of step `{bound.node}`")
        listed = " or ".join(dict.fromkeys(sources))
        return Reason("depends", f"it will run if {listed} changes; else its earlier result is reused")


def _is_gone(forecast: Forecast | None) -> bool:
    return forecast is not None and forecast.decision is Decision.BYPASS


def _levels(graph: Graph) -> Iterator[list[Node]]:
    """Yield the nodes so that each comes after those whose outputs it reads, as many at once as can be."""
    level: dict[NodeId, int] = {}
    levels: list[list[Node]] = []
    for node in graph.nodes.values():
        sources = (bound.node for bound in node.inputs.values() if isinstance(bound, NodeOutput))
        at = level[node.id] = 1 + max((level[source] for source in sources), default=-1)
        if at == len(levels):
            levels.append([])
        levels[at].append(node)
    yield from levels
