"""
A draft's files, as the checks of the command line read them.

In:       a folder that holds a draft, and the text of its pipeline.
Out:      texts and places, each inside that folder.
Not here: putting them there (`folder.py`), what they mean (`client/checking.py`).

Invariant: no path that is written in a draft is followed out of its folder, be it to look whether something is there.
"""

from __future__ import annotations

import os
from pathlib import Path

from pipeyard.client.sourcefile import JOB, SourceFiles
from pipeyard.model.errors import UserError

OUTSIDE = "outside-draft"


class DraftSources(SourceFiles):
    """The files of one draft, named as the draft names them."""

    def __init__(self, root: Path, main: str, text: str) -> None:
        """Take a folder without links in it, and what the pipeline in it says."""
        super().__init__(str(root / main))
        self._root = root
        self._main = main
        self._text = text

    def shown(self, source: str) -> str:
        """Return a document's file as the draft names it."""
        return self._main if source == JOB else source

    def locate(self, source: str, text: str) -> Path:
        """Return the place that *text*, written in *source*, names; `UserError` if it is outside of the draft."""
        place = super().locate(source, text)
        if not self._is_inside(place):
            raise _outside(text)
        return place

    def refuse_outside(self, place: Path) -> None:
        """Raise `UserError` for a place outside of the draft."""
        if not self._is_inside(place):
            raise _outside(str(place))

    def source_of(self, place: Path) -> str:
        """Return the name of the document in a file, the same for the same file."""
        tidy = os.path.normpath(place)
        name = os.path.relpath(tidy, self._root)
        if name == self._main:
            return JOB
        self._places.setdefault(name, Path(tidy))
        return name

    def read(self, source: str) -> str:
        """Return the text of a document; `UserError` when there is none."""
        if source != JOB:
            return super().read(source)
        self.texts[self._main] = self._text
        return self._text

    def _is_inside(self, place: Path) -> bool:
        # There are no links in the folder, so that dots may be counted.
        tidy = os.path.normpath(place)
        return tidy == str(self._root) or tidy.startswith(f"{self._root}{os.sep}")


def _outside(text: str) -> UserError:
    return UserError(
        f"`{text}` is outside of the draft: the server reads no other files of this machine",
        code=OUTSIDE,
        hint="put what is needed into the draft's folder, or register it and name it as `azureml:NAME:VERSION`",
    )
