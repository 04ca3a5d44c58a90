"""
A compute whose answers are written in the test, on a clock that the test moves.
"""

from pipeyard.compute.fake.clock import FakeClock
from pipeyard.compute.fake.compute import Answer, FakeCompute

__all__ = ["Answer", "FakeClock", "FakeCompute"]
