"""Freeing what is no file of a datastore: environments, copies, folders of attempts."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipeyard.model.errors import Conflict
from pipeyard.model.status import JobStatus
from pipeyard.model.tidy import AttemptEnd, Kind, Leftover, Mentions, RootUse
from pipeyard.service.tidy import Tidier, limits_of

NOW = 1_000_000


class Home:
    """A home whose every part is a list; whatever is removed is noted."""

    def __init__(self):
        self.live = []
        self.built = []
        self.copies = []
        self.folders = {}
        self.left = []
        self.ends = {}
        self.removed = []
        self.world = SimpleNamespace(
            store=SimpleNamespace(
                roots=lambda: self.live,
                outputs=list,
                removed_outputs=list,
                attempt_ends=lambda ids: {one: self.ends[one] for one in ids if one in self.ends},
            ),
            trash=SimpleNamespace(empty=lambda places: 0, empty_all=lambda: None),
            clock=SimpleNamespace(now_ms=lambda: NOW),
            attempts=SimpleNamespace(staged=lambda *, with_sizes=True: self.folders, forget=self.removed.append),
            environments=SimpleNamespace(list_built=lambda: self.built, remove=self.remove),
            copies=SimpleNamespace(cached=lambda: self.copies, drop=self.removed.extend),
            rehearsals=SimpleNamespace(left=lambda: self.left, forget=lambda name: not self.removed.append(name)),
        )
        self.tidier = Tidier(self.world)

    def remove(self, digest):
        self.removed.append(digest)

    def free(self, kind, seconds=0):
        *_, end = self.tidier.free(limits_of(NOW, [kind], older_than_seconds=seconds), "ann")
        return end


def built(digest, *, used=10, ended=5):
    return SimpleNamespace(digest=digest, used_at_ms=used, ended_at_ms=ended, started_at_ms=1, size=100)


@pytest.fixture
def home():
    return Home()


def test_environments_that_no_live_job_can_have_go(home):
    """One that was asked for since the oldest live job began may be that job's; one in the making is somebody's."""
    home.live = [RootUse("w", "job", JobStatus.RUNNING, False, 500, None, Mentions())]  # noqa: FBT003 (a row)
    home.built = [built("old"), built("used", used=600), built("making", ended=None)]
    end = home.free(Kind.ENVIRONMENTS)

    assert home.removed == ["old"]
    assert end["kinds"][0]["kept"] == {"a job that has not ended may use it": 2}


def test_an_environment_that_is_used_meanwhile_stays(home):
    """It is looked at once more right before it goes."""
    home.built = [built("env")]
    news = home.tidier.free(limits_of(NOW, [Kind.ENVIRONMENTS], older_than_seconds=0), "ann")
    assert next(news)["count"] == 1
    home.built = [built("env", used=NOW - 1)]
    *_, end = news

    assert (end["count"], home.removed) == (0, [])


def test_a_thing_that_cannot_be_removed_is_named_and_the_others_go(home):
    """One build under way is no reason to keep the rest."""
    home.built = [built("busy"), built("free")]

    def remove(digest):
        if digest == "busy":
            raise Conflict("it is being made")
        home.removed.append(digest)

    home.world.environments.remove = remove
    end = home.free(Kind.ENVIRONMENTS)

    assert home.removed == ["free"]
    assert end["problems"] == ["environments busy: it is being made"]


def test_copies_that_a_step_uses_stay(home):
    """The others can be fetched again."""
    home.copies = [("a" * 64, 5, 10, False), ("b" * 64, 5, 10, True)]
    home.free(Kind.CACHE)

    assert home.removed == ["a" * 64]


def test_what_run_step_left_goes_by_age_unless_a_process_of_it_lives(home):
    """Kept on purpose or left by a caller who was killed: nobody can tell, so time does."""
    month = 30 * 86_400_000
    home.left = [
        Leftover("old", 5, NOW - month - 1, False),  # noqa: FBT003 (a row)
        Leftover("young", 5, NOW - month + 1, False),  # noqa: FBT003
        Leftover("live", 5, 0, True),  # noqa: FBT003
    ]
    *_, end = home.tidier.free(limits_of(NOW, [Kind.REHEARSALS]), "ann")

    assert home.removed == ["old"]
    assert end["kinds"][0]["kept"] == {"a process of it lives": 1, "not old enough": 1}


def test_a_step_that_is_just_being_run_once_more_stays(home):
    """Its folder may be there a moment before its processes are."""
    home.left = [Leftover("new", 5, NOW - 1, False)]  # noqa: FBT003 (a row)
    home.free(Kind.REHEARSALS)

    assert home.removed == []


class TestAttempts:
    def test_what_could_not_be_stored_goes_by_age_only(self, home):
        """Its folder has the only copy."""
        home.folders = {"s.1": (5, 1), "t.1": (5, 1), "u.1": (5, 1)}
        home.ends = {
            "s.1": AttemptEnd(is_over=True, is_unstored=True, ended_at_ms=NOW - 5000),
            "t.1": AttemptEnd(is_over=False, is_unstored=False, ended_at_ms=None),
        }
        home.free(Kind.ATTEMPTS, seconds=60)
        assert home.removed == ["u.1"]
        home.free(Kind.ATTEMPTS, seconds=1)

        assert "s.1" in home.removed
        assert "t.1" not in home.removed

    def test_a_server_that_starts_removes_only_what_is_stored(self, home):
        """Nothing of a job that runs, nothing that is nowhere else, nothing that it does not know."""
        home.folders = {"stored.1": (0, 1), "lost.1": (0, 1), "runs.1": (0, 1), "ghost.1": (0, 1)}
        home.ends = {
            "stored.1": AttemptEnd(is_over=True, is_unstored=False, ended_at_ms=9),
            "lost.1": AttemptEnd(is_over=True, is_unstored=True, ended_at_ms=9),
            "runs.1": AttemptEnd(is_over=False, is_unstored=False, ended_at_ms=None),
        }
        home.tidier.sweep_attempts()

        assert home.removed == ["stored.1"]


def test_two_do_not_free_at_once(home):
    """They would count the same bytes twice; when the first has ended, the next may."""
    first = home.tidier.free(limits_of(NOW, [Kind.CACHE]), "ann")
    next(first)
    with pytest.raises(Conflict) as caught:
        next(home.tidier.free(limits_of(NOW, [Kind.CACHE]), "bo"))
    list(first)

    assert caught.value.code == "gc-running"
    assert home.free(Kind.CACHE)["count"] == 0


def test_without_a_limit_a_month_is_old(home):
    """With a size only, age does not count."""
    assert limits_of(NOW, [Kind.CACHE]).before_ms == NOW - 30 * 86_400_000
    assert limits_of(NOW, [Kind.CACHE], bytes_max=5).before_ms is None
