"""
Pages for the codes of steps that choose, repeat, or run first and last.

In:       nothing.
Out:      one more part of `codes.PAGES`.
Not here: the places that find these problems (`spec/decode_flow.py`, `graph/`, `engine/conduct/`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

FLOW_PAGES: Mapping[str, CodePage] = {
    "bad-items": CodePage(
        "The items of a `parallel_for` cannot be used: there are none, one is no mapping of inputs, or they do not all give "
        "the same inputs. Items in a text that a step writes are looked at when it has run.",
        "items: [{n: 1}, {m: 2}]",
        'Write a list or a mapping of mappings, or JSON of one: `[{"n": 1}, {"n": 2}]`.',
    ),
    "bad-body": CodePage(
        "A step is named as the body of a `do_while` or `parallel_for`, or is one, where that cannot be. A body is a command or "
        "a pipeline, and belongs to the one step that repeats it.",
        "loop:\n  type: do_while\n  body: ${{parent.jobs.sweep_step}}",
        "Name another step, or put the step into a pipeline component and repeat that.",
    ),
    "bad-edge": CodePage(
        "`settings.on_init` or `settings.on_finalize` names a step that cannot run before or after all others: it reads from "
        "others or is read from, it chooses or repeats, or there is no other step.",
        "settings: {on_init: prepare, on_finalize: prepare}",
        "Name two different steps that have nothing to do with the others. To run a step before some others, use `depends_on`.",
    ),
    "never-runs": CodePage(
        "A step waits for steps of both blocks of an `if_else`. Only one of the blocks runs, so that the step would never run.",
        "true_block: [a]\nfalse_block: [b]   # and a step that reads from a and from b",
        "Write the step once for each block, and put each into its block.",
    ),
    "may-not-run": CodePage(
        "A step reads from a step that stands in a block of an `if_else`, and stands in no block itself. If the block is not "
        "taken, it does not run either.",
        "true_block: [train]   # and a step `report` that reads from `train`",
        "Nothing, if that is meant. Put the step into the same block to say so.",
    ),
    "iteration-failed": CodePage(
        "The body of a `do_while` failed or was canceled, and with it the loop. Iterations that completed are kept: when the job "
        "is resumed, or submitted again, their results are reused.",
        "iteration 3 failed (job ..._2): exited with 1",
        "Look at the job that the message names, as at any step: `pipeyard job show -n NAME`.",
    ),
    "item-failed": CodePage(
        "The body of a `parallel_for` failed or was canceled for some item, and with it the step. The other items were run to "
        "their end, unless the pipeline says `continue_on_step_failure: false`; their results are kept and reused.",
        "item 4 of 12 failed (job ..._3): exited with 1",
        "Look at the job that the message names, as at any step: `pipeyard job show -n NAME`.",
    ),
}
