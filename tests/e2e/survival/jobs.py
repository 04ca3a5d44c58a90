"""
The pipelines that are killed: small, and with everything in them that a pipeline can have.

Each command begins with a line in the diary, outside of everything that is ours, that
names the step and its attempt: so it is known what ran, and how often. Every home has
a diary of its own, and the commands are the same in all of them.
"""

from __future__ import annotations

from pipeyard.spec.render import tree_digest

FOLDER = {"o": {"type": "uri_folder"}}
DIARY = "$HOME/diary"


def step(name: str, command: str, **more) -> dict:
    """Return a step that writes into the diary and then does something."""
    note = f'p=${{PWD%/*}}; echo "{name}.${{p##*.}}" >> "{DIARY}/{name}"; '
    return {
        "type": "command",
        "command": note + command,
        "environment": "local",
        "outputs": FOLDER,
        **more,
    }


def same() -> dict:
    """Return a step that every home has run before."""
    return step("same", "echo same > ${{outputs.o}}/s")


def earlier() -> dict:
    """Return a body to submit that runs it."""
    return {**_body({"type": "pipeline", "jobs": {"same": same()}}, {}), "name": "earlier"}


def reading(*steps: str) -> dict:
    """Return inputs that read the outputs of steps."""
    return {name: f"${{{{parent.jobs.{name}.outputs.o}}}}" for name in steps}


def component(**settings) -> dict:
    """Return a pipeline of two steps, one after the other, as a component."""
    return {
        "type": "pipeline",
        "jobs": {
            "deep": step("deep", "echo deep > ${{outputs.o}}/d", **settings),
            "deeper": step("deeper", "cat ${{inputs.deep}}/d > ${{outputs.o}}/e", inputs=reading("deep"), **settings),
        },
    }


def pipeline(**settings) -> dict:
    """Return a body to submit: a chain, two in parallel, a retry, a failure, a skip, a reuse, twins, a pipeline."""
    inner = component(**settings)
    digest = tree_digest(inner)
    jobs = {
        "first": step("first", "echo one > ${{outputs.o}}/x; mkdir outputs; echo m > outputs/m", **settings),
        # Leaves a process behind that would live much longer than the job.
        "left": step(
            "left",
            "(setsid sleep 600 &); cat ${{inputs.first}}/x > ${{outputs.o}}/l",
            inputs=reading("first"),
            **settings,
        ),
        "right": step(
            "right", "tr a-z A-Z < ${{inputs.first}}/x > ${{outputs.o}}/r", inputs=reading("first"), **settings
        ),
        "join": step(
            "join",
            "cat ${{inputs.left}}/l ${{inputs.right}}/r > ${{outputs.o}}/j",
            inputs=reading("left", "right"),
            **settings,
        ),
        "flaky": step(
            "flaky",
            f"echo half > ${{{{outputs.o}}}}/f; test $(wc -l < {DIARY}/flaky) -gt 1 || exit 7; echo whole > ${{{{outputs.o}}}}/f",
            **(settings or {"retry": 1}),
        ),
        "bad": step(
            "bad", "echo some > ${{outputs.o}}/b; exit 3", retry={"max": 3, "when": ["lost"]} if settings else 0
        ),
        "never": step("never", "true", inputs=reading("bad")),
        "same": same(),
        # Equal to each other: one of them runs.
        "twin_a": step("twin", "echo twin > ${{outputs.o}}/t", **settings),
        "twin_b": step("twin", "echo twin > ${{outputs.o}}/t", **settings),
        "inner": {"type": "pipeline", "component": f"azureml:azureml_anonymous:{digest}"},
    }
    return _body({"type": "pipeline", "jobs": jobs}, {digest: inner})


def to_be_canceled() -> dict:
    """Return a body to submit whose first step runs until it is told to end."""
    jobs = {
        "long": step("long", "echo some > ${{outputs.o}}/b; sleep 600 & wait"),
        "never": step("never", "true", inputs=reading("long")),
    }
    return _body({"type": "pipeline", "jobs": jobs}, {})


def _body(document: dict, components: dict) -> dict:
    return {"document": document, "components": components, "user": "ann", "name": "job"}
