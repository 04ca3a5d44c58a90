"""Two half moons that reach into each other, and a small network that tells them apart."""

from __future__ import annotations

import math
import random

Point = tuple[float, float, int]


def draw(count: int, seed: int) -> list[Point]:
    """Return points of both moons, a little blurred."""
    chance = random.Random(seed)
    points = []
    for number in range(count):
        angle, moon = math.pi * chance.random(), number % 2
        x, y = math.cos(angle), math.sin(angle)
        if moon:
            x, y = 1 - x, 0.5 - y
        points.append((x + chance.gauss(0, 0.12), y + chance.gauss(0, 0.12), moon))
    return points


class Network:
    """One hidden layer."""

    def __init__(self, hidden: list[list[float]], outer: list[float]) -> None:
        self.hidden = hidden
        self.outer = outer

    @classmethod
    def of_width(cls, width: int, seed: int) -> Network:
        """Return a network that knows nothing yet."""
        chance = random.Random(seed)
        hidden = [[chance.gauss(0, 1) for _ in range(3)] for _ in range(width)]
        return cls(hidden, [chance.gauss(0, 1) for _ in range(width + 1)])

    def answer(self, x: float, y: float) -> tuple[float, list[float]]:
        """Return how likely a point is of the second moon, and what the hidden layer says."""
        inner = [math.tanh(a * x + b * y + c) for a, b, c in self.hidden] + [1.0]
        total = sum(weight * value for weight, value in zip(self.outer, inner, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), inner

    def learn(self, points: list[Point], speed: float) -> None:
        """Go through all points once."""
        for x, y, moon in points:
            found, inner = self.answer(x, y)
            error = speed * (moon - found)
            for index, weights in enumerate(self.hidden):
                slope = error * self.outer[index] * (1 - inner[index] ** 2)
                weights[0] += slope * x
                weights[1] += slope * y
                weights[2] += slope
            self.outer = [weight + error * value for weight, value in zip(self.outer, inner, strict=True)]

    def accuracy(self, points: list[Point]) -> float:
        """Return which share of points it puts into the right moon."""
        return sum((self.answer(x, y)[0] > 0.5) == bool(moon) for x, y, moon in points) / len(points)
