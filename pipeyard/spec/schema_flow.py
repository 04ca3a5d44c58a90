"""
The fields of steps that choose, repeat, or run for each of some items, as data.

In:       nothing.
Out:      one more part of `spec/schema.py`, which it looks like.
Not here: what decoding does with them (`spec/decode_flow.py`).

Source: section 3.9 of the language reference.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.spec.field import Field

_FLOW = (
    Field("type", "if_else, do_while or parallel_for", "The kind of step.", is_required=True),
    Field("name", "text", "Accepted; a step's name is its key."),
    Field("display_name", "text", "Name shown to people; need not be unique.", default="the key"),
    Field("description", "text", "What this is, in Markdown."),
    Field("tags", "mapping of texts", "Words to find it by."),
    Field("properties", "mapping of texts", "Facts that are only ever added to."),
    Field("comment", "text", "A note shown beside the step."),
    Field("depends_on", "name of a step, or list", "Steps that have to complete first; a key of Pipeyard's."),
)
_BODY = Field("body", "`${{parent.jobs.<step>}}`", "The step that is run again and again.", is_required=True)

FLOW_SCHEMA: Mapping[str, tuple[Field, ...]] = {
    "if_else step": (
        *_FLOW,
        Field("condition", "true, false or a binding", "What decides.", is_required=True),
        Field("true_block", "`${{parent.jobs.<step>}}`, or list", "The steps that run if it is true.", default="none"),
        Field(
            "false_block", "`${{parent.jobs.<step>}}`, or list", "The steps that run if it is false.", default="none"
        ),
    ),
    "do_while step": (
        *_FLOW,
        _BODY,
        Field("condition", "output of the body", "Whether it goes round once more.", is_required=True),
        Field("mapping", "mapping", "Outputs of the body, and the inputs they become the next time.", is_required=True),
        Field("limits", "mapping", "When it ends in any case.", is_required=True),
        Field("outputs", "mapping", "Where the outputs of the last round go."),
    ),
    "do_while limits": (
        Field("max_iteration_count", "whole number from 1 to 1000", "How often at most.", is_required=True),
    ),
    "parallel_for step": (
        *_FLOW,
        _BODY,
        Field("items", "list or mapping of mappings, JSON, binding", "What each run is given.", is_required=True),
        Field("max_concurrency", "whole number", "How many run at once.", default="as many as there is room for"),
        Field("outputs", "mapping", "Where the outputs of all runs together go."),
    ),
}
