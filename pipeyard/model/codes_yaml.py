"""
Pages of the codes about YAML itself, whatever it says.

Not here: finding these problems (`spec/compose.py`, `spec/tree.py`, `spec/override.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage

YAML_PAGES: Mapping[str, CodePage] = {
    "broken-yaml": CodePage(
        "The file is not YAML. The place is where the parser gave up; the cause is often on that line or the one above.",
        "display_name: train: first try",
        "Put a text with `: ` in it, or one that starts with a special sign, in quotes. Indent keys of one mapping alike, "
        "with blanks and never with tabs.",
    ),
    "empty-file": CodePage(
        "There is nothing in the file but blanks and comments.",
        "# the pipeline comes here",
        "Write the job or component into it, or name another file.",
    ),
    "many-documents": CodePage(
        "The file holds several YAML documents, parted by `---`. One file is one job, component or environment.",
        "type: pipeline\n---\ntype: command",
        "Put each document into a file of its own.",
    ),
    "not-a-mapping": CodePage(
        "The top of the file is a list or a single value. A job or component is a mapping of keys to values.",
        "- type: pipeline",
        "Start the file with a key, such as `type: pipeline`.",
    ),
    "repeated-key": CodePage(
        "One mapping has the same key twice. YAML forbids it; many readers let the last one win without a word, so that "
        "half of what was written is lost.",
        "inputs:\n  epochs: 10\n  epochs: 20",
        "Remove one of the two.",
    ),
    "key-not-text": CodePage(
        "A key is something else than text. Keys that YAML reads as numbers or truth values (`on`, `no`, `1`) are taken as "
        "the text that was written; a list or mapping cannot be a key at all.",
        "tags:\n  on: weekdays",
        'Write the key in quotes: `"on": weekdays`.',
    ),
    "unknown-tag": CodePage(
        "A value has a YAML tag (`!name`) that means nothing here. Only the plain tags of YAML (`!!str`, `!!int`, "
        "`!!float`, `!!bool`, `!!null`) are understood.",
        "path: !env DATA",
        "Remove the tag. Values from the environment are given with `--set`.",
    ),
    "alias-ring": CodePage(
        "An alias (`*name`) stands inside the very thing that its anchor (`&name`) names.",
        "tags: &all\n  more: *all",
        "Write out what should be there.",
    ),
    "too-many-aliases": CodePage(
        "Aliases of aliases make the file stand for far more values than it holds: more than 100,000.",
        "a: &a [x, x, x]\nb: &b [*a, *a, *a]",
        "Write out what is meant; a real file needs some dozens of aliases.",
    ),
    "broken-merge": CodePage(
        "A merge key (`<<`) has something else than a mapping, or a list of mappings, behind it.",
        "limits:\n  <<: 3600",
        "Put an alias of a mapping behind it: `<<: *defaults`.",
    ),
    "too-deep": CodePage(
        "The file nests more than 200 levels. Most often brackets were opened and never closed.",
        "inputs: [[[[[[[[",
        "Close the brackets.",
    ),
    "scalar-reread": CodePage(
        "A value that is wanted as text was read by YAML as a number or truth value first, and came out as another text. "
        "YAML 1.1, which Azure reads too, takes `010` as 8, `1:30` as 90, `1.10` as 1.1 and `yes` as True.",
        "version: 1.10",
        'Write it in quotes: `version: "1.10"`. If the text that came out is the one you want, write that.',
    ),
    "broken-override": CodePage(
        "A `--set` cannot be carried out: it has no `=`, its value cannot be read, or its path leads through something "
        "that is no mapping or list.",
        "--set jobs.train.component.inputs.epochs=20",
        "Write `path=value` with a path through mappings and lists, such as `--set jobs.train.inputs.epochs=20`. What a "
        "component file holds is changed in that file.",
    ),
}
