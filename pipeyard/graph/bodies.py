"""
Take the steps that others repeat out of their pipeline: they run inside those.

In:       the steps of one pipeline, as written.
Out:      the steps without bodies; each repeating step stands for its body from then on.
Not here: what its component is (`tree.py`), the graph of a body (`repeat.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeyard.graph.problems import Problems
from pipeyard.graph.references import place_of_component
from pipeyard.model.component import Step, StepKind
from pipeyard.model.diagnostic import Place, Related
from pipeyard.model.flow import BrokenSpec, DoWhileSpec, Named, ParallelForSpec

_BODY_KINDS = frozenset({None, StepKind.COMMAND, StepKind.PIPELINE, StepKind.PARALLEL, StepKind.SPARK})


def part_bodies(
    jobs: Mapping[str, Step], owner: Place, problems: Problems
) -> tuple[dict[str, Step], dict[str, str], dict[str, Step]]:
    """
    Return the steps; by the key of a body, the step that repeats it; and by that one's key, the body as written.

    A step that repeats something which cannot be repeated is left out, and that was reported.
    """
    by_body: dict[str, str] = {}
    bodies: dict[str, Step] = {}
    broken: set[str] = set()
    for key, step in jobs.items():
        spec = step.control_spec
        if isinstance(spec, BrokenSpec):
            broken |= {key} if spec.body is None else {key, spec.body.name}
        if not isinstance(spec, DoWhileSpec | ParallelForSpec):
            continue
        body = _body_of(jobs, step, spec.body, owner, problems)
        if body is not None and body.key in by_body:
            other = jobs[by_body[body.key]]
            problems.error(
                "bad-body",
                f"`{body.key}` is repeated by `{other.key}` already",
                spec.body.place,
                expected="a step that is the body of one step only",
                hint="write the step a second time, under a name of its own",
                related=(Related("the other one", other.place),),
            )
            body = None
        if body is None:
            broken.add(key)
        else:
            by_body[body.key], bodies[key] = key, body
    kept = {
        key: _standing_for(step, bodies[key]) if key in bodies else step
        for key, step in jobs.items()
        if key not in by_body and key not in broken
    }
    return kept, by_body, bodies


def _body_of(jobs: Mapping[str, Step], step: Step, named: Named, owner: Place, problems: Problems) -> Step | None:
    body = jobs.get(named.name)
    if body is None:
        if not problems.explains(owner, "jobs", named.name):
            others = [key for key in jobs if key != step.key]
            problems.error(
                "unknown-step",
                f"no step beside `{step.key}` is called `{named.name}`",
                named.place,
                expected="a step of the same pipeline",
                hint=problems.meant(named.name, others, what="other steps of this pipeline"),
            )
        return None
    if body.kind in _BODY_KINDS:
        return body
    problems.error(
        "bad-body",
        f"`{body.key}` cannot be repeated by `{step.key}`: it is of type `{body.kind.value if body.kind else ''}`",
        named.place,
        expected="a command or a pipeline",
        hint="put it into a pipeline component, and repeat that",
    )
    return None


def _standing_for(step: Step, body: Step) -> Step:
    """Return a repeating step with what it needs of its body: what that is given and how it runs."""
    outputs = step.outputs
    if isinstance(step.control_spec, DoWhileSpec):
        # Whoever reads an output of the body means that of the last time.
        outputs = {**body.outputs, **step.outputs}
    return replace(
        body,
        key=step.key,
        kind=step.kind,
        outputs=outputs,
        display_name=step.display_name,
        description=step.description,
        comment=step.comment,
        tags=step.tags,
        properties=step.properties,
        component_place=place_of_component(body),
        depends_on=(*step.depends_on, *body.depends_on),
        reuse=step.reuse and body.reuse,
        control_spec=step.control_spec,
    )
