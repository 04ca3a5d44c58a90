"""
The name that somebody most likely meant.

In:       a name that does not exist, and those that do.
Out:      the nearest, or None when none is near.
Not here: what is said about it.
"""

from __future__ import annotations

from collections.abc import Collection

# One slip in three letters is still the same word to a reader; more is another word.
_LETTERS_PER_SLIP = 3
_SLIPS_MAX = 4


def nearest(name: str, candidates: Collection[str]) -> str | None:
    """
    Return the candidate with the fewest slips from *name*, None if all are too far.

    A slip is a letter added, lost, changed or swapped with its neighbour. Case,
    hyphens and underscores do not count. Of equals the first wins. When none is near, one
    that goes on where *name* ends, or the other way round, is (`min` for `minimum`).
    """
    wanted = _folded(name)
    slips_max = min(_SLIPS_MAX, max(1, len(wanted) // _LETTERS_PER_SLIP)) if wanted else 0
    best: str | None = None
    best_slips = slips_max + 1
    for candidate in candidates:
        if candidate == name:
            continue
        other = _folded(candidate)
        if other == wanted:
            return candidate
        if abs(len(other) - len(wanted)) < best_slips:
            slips = _slips(wanted, other, best_slips)
            if slips < best_slips and slips < max(len(wanted), len(other)):
                best, best_slips = candidate, slips
    return best or _continued(wanted, candidates)


def did_you_mean(name: str, candidates: Collection[str]) -> str | None:
    """Return the hint with the nearest name, None if there is none."""
    found = nearest(name, candidates)
    return f"did you mean `{found}`?" if found is not None else None


def _folded(name: str) -> str:
    return name.casefold().replace("-", "_").strip("_ ")


def _continued(wanted: str, candidates: Collection[str]) -> str | None:
    for candidate in candidates:
        other = _folded(candidate)
        short, long = sorted((wanted, other), key=len)
        if short != long and len(short) >= _LETTERS_PER_SLIP and long.startswith(short):
            return candidate
    return None


def _slips(one: str, other: str, limit: int) -> int:
    """Return the slips between two words, or *limit* as soon as there are that many."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, previous, row = row, before, [i]
        for j, against in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
        if min(row) >= limit:
            return limit
    return row[-1]
