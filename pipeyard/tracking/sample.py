"""
A long history as few points.

In:       points in order, and how many are wanted at most.
Out:      the first, the last, and of each stretch between them the lowest and the highest: a peak stays to be seen.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeyard.model.tracking import MetricPoint

_FEWEST = 4


def thinned(points: Sequence[MetricPoint], count: int) -> Sequence[MetricPoint]:
    """Return at most *count* of the points, in their order."""
    if len(points) <= count:
        return points
    if count < _FEWEST:
        return (points[0], points[-1])[:count]
    inner = points[1:-1]
    stretches = (count - 2) // 2
    kept = [points[0]]
    for place in range(stretches):
        stretch = inner[place * len(inner) // stretches : (place + 1) * len(inner) // stretches]
        if stretch:
            # NaN compares with nothing: it counts as low as can be.
            ordered = sorted(stretch, key=_height)
            kept += sorted({ordered[0].seq: ordered[0], ordered[-1].seq: ordered[-1]}.values(), key=_place)
    return (*kept, points[-1])


def _height(point: MetricPoint) -> tuple[bool, float]:
    is_number = point.value == point.value
    return (is_number, point.value if is_number else 0.0)


def _place(point: MetricPoint) -> int:
    return point.seq
