"""
Find out for many steps at once whether earlier results may stand for them.

In:       steps of which everything that they read is there.
Out:      for each: the result that stands for it, or why it runs.
Not here: who waits for whom (`reusing.py`), the rules (`pipeyard/reuse/`).

Runs in threads; reads books, changes nothing. One query for the keys of all, one for
the outputs of all candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from pipeyard.engine.book import JobBook
from pipeyard.engine.explain import NO_UPLOADS, Explainer, Unexplained
from pipeyard.engine.made import made_in, values_of
from pipeyard.engine.reading import InputReader, UnknownContent, may_change
from pipeyard.engine.readying import request_of
from pipeyard.engine.registered import NOTHING_REGISTERED, Registered, Registering
from pipeyard.engine.surroundings import Surroundings
from pipeyard.graph.model import Node, NodeId, NodeOutput
from pipeyard.model.assets import Manifest
from pipeyard.model.errors import PipeyardError
from pipeyard.model.record import OutputRecord
from pipeyard.model.reuse import EnvironmentIdentity, Reason, ResultRecord
from pipeyard.model.value import dataclass
from pipeyard.ports import NeedsTime, Verdict
from pipeyard.reuse.choice import Policy, Reuse, candidates_of, choose, may_be_reused, policy_of
from pipeyard.reuse.parts import KeyFacts, KeyParts, key_of, key_parts
from pipeyard.reuse.step import step_of

# More candidates for one key are not looked at: if so many were spoilt, the next is too.
_CANDIDATES_MAX = 5

_Output = tuple[OutputRecord, Manifest]


@dataclass(frozen=True, slots=True)
class Asked:
    """A step about which it is to be decided."""

    book: JobBook
    node: NodeId


@dataclass(slots=True)
class Answer:
    """What was decided about a step."""

    asked: Asked
    policy: Policy
    # None: of what it reads, something cannot be known.
    key: str | None = None
    parts: KeyParts = field(default_factory=dict)
    # Whether others may take what it makes.
    may_give: bool = False
    # Digests of its inputs, if somebody could write to one of them while it reads it.
    read: Mapping[str, str] = field(default_factory=dict)
    # The result that stands for it.
    found: ResultRecord | None = None
    outputs: Sequence[OutputRecord] = ()
    registered: Registered = NOTHING_REGISTERED
    # Manifests of the result's outputs with newer looks.
    seen: Sequence[tuple[str, str, Manifest]] = ()
    reasons: tuple[Reason, ...] = ()
    # It would take long: ask again, not in passing.
    needs_time: bool = False


@dataclass(slots=True)
class Known:
    """What was found out for one step and serves others, of the same call and of those after it."""

    environments: dict[tuple[str | None, ...], EnvironmentIdentity] = field(default_factory=dict)
    # By root job and node.
    plans: dict[str, dict[NodeId, ResultRecord]] = field(default_factory=dict)


class LookUp:
    """Answers for the books it is shown. May be used by several threads."""

    def __init__(self, world: Surroundings) -> None:
        """Look into one world."""
        self._world = world
        self._reader = None if world.contents is None else InputReader(world.contents, world.store)
        self._registering = Registering(world)

    def answer(
        self,
        asked: Sequence[Asked],
        *,
        in_passing: bool,
        uploads: Mapping[str, Manifest] | None = NO_UPLOADS,
        known: Known | None = None,
    ) -> list[Answer]:
        """
        Return one answer for each step, in order. With *in_passing*, what takes long is left to a second call.

        Why a step runs is told by the files of *uploads* too, which the store does not have yet; None: not at all.
        *known* is what several calls, one after the other, need not find out again.
        """
        known = Known() if known is None else known
        answers = _Round(self._world, self._reader, self._registering, known, in_passing=in_passing).answer(asked)
        if uploads is not None:
            self._explain(answers, uploads)
        return answers

    def _explain(self, answers: Sequence[Answer], uploads: Mapping[str, Manifest]) -> None:
        """Say of steps that run by no rule what has changed since they ran before."""
        missed: dict[str, list[Answer]] = {}
        for one in answers:
            if one.key is not None and one.found is None and not one.reasons and not one.needs_time:
                missed.setdefault(one.asked.book.workspace, []).append(one)
        for workspace, some in missed.items():
            explainer = Explainer(self._world.store, workspace, uploads)
            explained = explainer.explain([unexplained(one.asked.book, one.asked.node, one.parts) for one in some])
            for one, reasons in zip(some, explained, strict=True):
                one.reasons = reasons

    def was_changed(self, book: JobBook, node: NodeId) -> bool:
        """Return whether what a step that ended has read is not there any more as it was when it began."""
        read = book.pages[node].read
        if not read or self._reader is None:
            return False
        try:
            return read != self._reader.digests(book.workspace, book.graph, book.graph.nodes[node], made_in(book))
        except (UnknownContent, PipeyardError, OSError):
            return True

    def let_go(self, job_name: str) -> None:
        """Forget what was held for a step that ended."""
        self._registering.let_go(job_name)


class _Round:
    """One call: what was found out for one step serves the others."""

    def __init__(
        self,
        world: Surroundings,
        reader: InputReader | None,
        registering: Registering,
        known: Known,
        *,
        in_passing: bool,
    ) -> None:
        self._world = world
        self._reader = reader
        self._registering = registering
        self._in_passing = in_passing
        self._known = known
        # By the job that wrote the outputs.
        self._verdicts: dict[str, tuple[str | None, tuple[tuple[str, str, Manifest], ...]]] = {}

    def answer(self, asked: Sequence[Asked]) -> list[Answer]:
        answers = [self._keyed(one) for one in asked]
        by_workspace: dict[str, list[Answer]] = {}
        for one in answers:
            if one.key is not None and (one.policy.takes_any or one.policy.takes_planned):
                by_workspace.setdefault(one.asked.book.workspace, []).append(one)
        for workspace, some in by_workspace.items():
            self._find(workspace, some)
        return answers

    # --- keys --------------------------------------------------------------------------------

    def _keyed(self, asked: Asked) -> Answer:
        book = asked.book
        node = book.graph.nodes[asked.node]
        answer = Answer(asked, policy_of(node, book.graph, book.plan))
        if answer.policy.reason is not None:
            answer.reasons = (answer.policy.reason,)
        answer.may_give = may_be_reused(node)
        if self._reader is None or node.control is not None:
            return answer
        try:
            answer.parts = self._parts(self._reader, answer, node)
        except NeedsTime:
            answer.needs_time = True
        except (UnknownContent, PipeyardError) as problem:
            answer.reasons = (*answer.reasons, Reason("input-unknown", str(problem)))
        else:
            answer.key = key_of(answer.parts)
        return answer

    def _parts(self, reader: InputReader, answer: Answer, node: Node) -> KeyParts:
        book = answer.asked.book
        contents = reader.digests(book.workspace, book.graph, node, made_in(book), in_passing=self._in_passing)
        if may_change(book.graph, node):
            answer.read = contents
        facts = KeyFacts(
            environment=self._environment(book, node),
            code=reader.code_digest(book.workspace, node),
            contents=contents,
            values=values_of(node, made_in(book)),
        )
        return key_parts(node, facts)

    def _environment(self, book: JobBook, node: Node) -> EnvironmentIdentity:
        request = request_of(book, node.id)
        known = (request.policy, request.workspace, request.python, repr(request.environment))
        found = self._known.environments.get(known)
        if found is None:
            # Not its plan: who made it, and where it lies, changes no result.
            found = self._known.environments[known] = self._world.environments.identity(request)
        return found

    # --- candidates --------------------------------------------------------------------------

    def _find(self, workspace: str, answers: Sequence[Answer]) -> None:
        keys = [one.key for one in answers if one.key is not None and one.policy.takes_any]
        found = self._world.store.find_results(workspace, keys) if keys else {}
        open_ = []
        for one in answers:
            key = one.key or ""
            some = candidates_of(one.policy, key, found.get(key, ()), self._planned(workspace, one))
            if some:
                open_.append((one, some[:_CANDIDATES_MAX]))
        writers = [candidate.writer for _, some in open_ for candidate in some]
        made = self._world.store.load_made(workspace, writers) if writers else {}
        for one, some in open_:
            self._choose(workspace, one, some, made)

    def _planned(self, workspace: str, answer: Answer) -> ResultRecord | None:
        plan = answer.asked.book.plan
        if plan is None or not answer.policy.takes_planned:
            return None
        kept = self._known.plans.get(plan.source_root)
        if kept is None:
            results = self._world.store.results_of_root(workspace, plan.source_root)
            kept = self._known.plans[plan.source_root] = {result.node_id: result for result in results}
        return kept.get(answer.asked.node)

    def _choose(
        self,
        workspace: str,
        answer: Answer,
        candidates: Sequence[ResultRecord],
        made: Mapping[str, Sequence[_Output]],
    ) -> None:
        def problem_of(candidate: ResultRecord) -> str | None:
            return self._verified(workspace, answer.asked, candidate, made.get(candidate.writer, ()))[0]

        try:
            choice = choose(answer.policy, candidates, problem_of)
        except NeedsTime:
            answer.needs_time = True
            return
        if not isinstance(choice, Reuse):
            answer.reasons = choice.reasons
            return
        found = choice.result
        job_name = answer.asked.book.pages[answer.asked.node].job_name
        outputs = tuple(
            replace(output, job_name=job_name, source_job=found.writer) for output, _ in made.get(found.writer, ())
        )
        registered = self._registering.of(answer.asked.book, answer.asked.node, found.writer, outputs)
        if registered.problem is not None:
            # It runs, and fails by it as it would have before.
            answer.reasons = (Reason("not-registered", registered.problem),)
            return
        answer.found, answer.outputs, answer.registered = found, outputs, registered
        answer.seen = self._verdicts[found.writer][1]

    def _verified(
        self, workspace: str, asked: Asked, candidate: ResultRecord, made: Sequence[_Output]
    ) -> tuple[str | None, tuple[tuple[str, str, Manifest], ...]]:
        known = self._verdicts.get(candidate.writer)
        if known is None:
            known = self._verdicts[candidate.writer] = self._verify(workspace, asked, candidate, made)
        return known

    def _verify(
        self, workspace: str, asked: Asked, candidate: ResultRecord, made: Sequence[_Output]
    ) -> tuple[str | None, tuple[tuple[str, str, Manifest], ...]]:
        assert self._world.contents is not None
        there = {output.output for output, _ in made}
        for name in asked.book.graph.nodes[asked.node].outputs:
            if name not in there:
                return f"output `{name}` is not kept any more", ()
        seen = []
        for output, manifest in made:
            if output.freed_at is not None:
                return f"output `{output.output}` was freed by gc on {output.freed_at}", ()
            verdict: Verdict = self._world.contents.verify(
                workspace,
                output,
                manifest,
                in_passing=self._in_passing,
                reads_all=bool(asked.book.root.detail.get("verify")),
            )
            if verdict.problem is not None:
                return f"output `{output.output}`: {verdict.problem}", ()
            if verdict.seen is not None:
                seen.append((candidate.writer, output.output, verdict.seen))
        return None, tuple(seen)


def unexplained(book: JobBook, node_id: NodeId, parts: KeyParts) -> Unexplained:
    """Return a step that runs, for the one who says why."""
    node = book.graph.nodes[node_id]

    def made_by(name: str) -> tuple[str, str] | None:
        bound = node.inputs.get(name)
        return (book.pages[bound.node].writer, bound.output) if isinstance(bound, NodeOutput) else None

    def fresh(name: str) -> Manifest | None:
        bound = node.inputs.get(name)
        return book.pages[bound.node].fresh.get(bound.output) if isinstance(bound, NodeOutput) else None

    return Unexplained(node, step_in(book, node_id), parts, made_by, fresh)


def step_in(book: JobBook, node: NodeId) -> str:
    """Return who counts as the same step in an earlier job."""
    return step_of(book.root.experiment_name, book.root.detail.get("file"), node)
