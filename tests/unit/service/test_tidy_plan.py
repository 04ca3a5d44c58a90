from __future__ import annotations

from dataclasses import replace

import pytest

from pipeyard.model.assets import DatastoreUri
from pipeyard.model.status import JobStatus
from pipeyard.model.tidy import Kind, Mentions, RegisteredPlaces, RootUse, StoredOutput, StoredUpload, mentions_of
from pipeyard.service.tidy_plan import FRESH_MS, Limits, Uses, choose, output_things, summary, upload_things

DIGEST = "ab" * 32
NOBODY = RegisteredPlaces(frozenset(), Mentions())
NOW = 10 * FRESH_MS


def root(name="job", status=JobStatus.COMPLETED, *, ended=100, archived=False, uploads=(), jobs=()):
    mentions = Mentions(frozenset(uploads), frozenset(jobs))
    return RootUse("w", name, status, archived, 1, ended if status.is_terminal else None, mentions)


def row(job="s1", root_name="job", *, path=None, state="complete", size=10, source=None):
    uri = DatastoreUri("blob", path or f"azureml/{source or job}/o/")
    return StoredOutput("w", job, "o", root_name, source, uri, state, size, 1)


def things(rows, roots, registered=NOBODY, elsewhere=frozenset()):
    return output_things(rows, Uses(roots, registered), elsewhere)


def kept(rows, roots, registered=NOBODY, elsewhere=frozenset()):
    (thing,) = things(rows, roots, registered, elsewhere)
    return thing.kept


class TestOutputs:
    def test_those_of_an_ended_job_may_go(self):
        """They were last of use when it ended."""
        (thing,) = things([row()], [root(ended=700)])

        assert (thing.kept, thing.used_at_ms, thing.size) == (None, 700, 10)

    @pytest.mark.parametrize("status", [status for status in JobStatus if not status.is_terminal])
    def test_those_of_a_job_that_has_not_ended_stay(self, status):
        """Whatever it is doing."""
        assert "has not ended" in kept([row()], [root(status=status)])

    def test_those_that_a_live_job_speaks_of_stay(self):
        """By the step's name or by the job's."""
        reader = root("reader", JobStatus.RUNNING, jobs=["s1"])
        assert "has not ended" in kept([row()], [root(), reader])
        reader = root("reader", JobStatus.RUNNING, jobs=["job"])
        assert "has not ended" in kept([row()], [root(), reader])

    def test_those_of_a_child_stay_as_long_as_a_live_job_speaks_of_who_collected_them(self):
        """What a step collects of its children may be a table, which names their files."""
        child = replace(root("child"), above=frozenset({"loop"}))
        reader = root("reader", JobStatus.RUNNING, jobs=["loop"])

        assert "has not ended" in kept([row(root_name="child")], [child, reader])
        assert kept([row(root_name="child")], [child, replace(reader, status=JobStatus.COMPLETED)]) is None

    def test_those_that_a_live_job_reuses_stay(self):
        """All rows about one place are one thing."""
        rows = [row(), row("s2", "other", source="s1")]

        assert "has not ended" in kept(rows, [root(), root("other", JobStatus.RUNNING)])

    def test_the_last_use_is_the_end_of_the_last_job_that_reused_it(self):
        """Whoever made it."""
        rows = [row(), row("s2", "other", source="s1")]
        (thing,) = things(rows, [root(ended=100), root("other", ended=900)])

        assert thing.used_at_ms == 900

    @pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELED])
    def test_what_a_job_may_be_resumed_with_stays_until_it_is_archived(self, status):
        """What failed steps wrote is read by nobody, and may go."""
        assert "may be resumed" in kept([row()], [root(status=status)])
        assert kept([row()], [root(status=status, archived=True)]) is None
        assert kept([row(state="kept")], [root(status=status)]) is None

    def test_what_a_version_needs_stays(self):
        """By its place, around it, inside it, or by what its body says."""
        for path in ("azureml/s1/o", "azureml/s1", "azureml/s1/o/part"):
            registered = RegisteredPlaces(frozenset({("w", DatastoreUri("blob", path))}), Mentions())
            assert "registered" in kept([row()], [root()], registered)
        registered = RegisteredPlaces(frozenset(), Mentions(jobs=frozenset({"job"})))
        assert "registered" in kept([row()], [root()], registered)

    def test_what_a_draft_names_stays(self):
        """By the step's name, the job's, or that of the step that collected it."""
        for name in ("s1", "job", "loop"):
            uses = Uses([replace(root(), above=frozenset({"loop"}))], NOBODY, Mentions(jobs=frozenset({name})))
            (thing,) = output_things([row()], uses, frozenset())
            assert "a draft needs it" in thing.kept

    def test_a_neighbour_with_a_longer_name_is_no_version_in_it(self):
        """Places are compared by whole names."""
        registered = RegisteredPlaces(frozenset({("w", DatastoreUri("blob", "azureml/s1/o2"))}), Mentions())

        assert kept([row()], [root()], registered) is None

    def test_a_place_that_a_job_chose_stays(self):
        """Others may write there too."""
        assert "chosen" in kept([row(path="mine/out/")], [root()])
        assert "chosen" in kept([row(path="azureml/s11/o/")], [root()])

    def test_what_is_elsewhere_stays(self):
        """It takes no space here."""
        assert "elsewhere" in kept([row()], [root()], elsewhere=frozenset({("w", "blob")}))


class TestUploads:
    def thing(self, roots, *, touched=0, registered=NOBODY, drafted=()):
        upload = StoredUpload("w", DIGEST, "src", DatastoreUri("blob", f"LocalUpload/{DIGEST}/src"), 5, 1)
        uses = Uses(roots, registered, Mentions(frozenset(drafted)))
        (thing,) = upload_things([upload], uses, {("w", DIGEST): touched}, frozenset(), NOW)
        return thing

    def test_one_that_old_jobs_were_sent_with_may_go(self):
        """It is sent again with the next job that needs it."""
        assert self.thing([root(uploads=[DIGEST], ended=50)]).kept is None
        assert self.thing([root(uploads=[DIGEST], ended=50)], touched=70).used_at_ms == 70

    def test_one_that_was_just_sent_stays(self):
        """Its job may be about to come."""
        assert "last hour" in self.thing([], touched=NOW - FRESH_MS + 1).kept
        assert self.thing([], touched=NOW - FRESH_MS).kept is None

    def test_one_that_is_needed_stays(self):
        """By a job that has not ended, one that may be resumed, a version, or a draft."""
        assert "has not ended" in self.thing([root(status=JobStatus.QUEUED, uploads=[DIGEST])]).kept
        assert "resumed" in self.thing([root(status=JobStatus.FAILED, uploads=[DIGEST])]).kept
        registered = RegisteredPlaces(frozenset(), Mentions(frozenset({DIGEST})))
        assert "registered" in self.thing([], registered=registered).kept
        assert "a draft" in self.thing([], drafted=[DIGEST]).kept


class TestChoosing:
    rows = (row("s1", "a", size=10), row("s2", "b", size=20), row("s3", "c", size=30))
    roots = (root("a", ended=100), root("b", ended=200), root("c", ended=300))

    def chosen(self, **limits):
        found = things(self.rows, self.roots)
        return [thing.outputs[0].job_name for thing in choose(found, Limits(frozenset(Kind), **limits))]

    def test_age_frees_what_is_older(self):
        """Oldest first."""
        assert self.chosen(before_ms=250) == ["s1", "s2"]

    def test_size_frees_the_oldest_until_the_rest_fits(self):
        """And no more."""
        assert self.chosen(bytes_max=50) == ["s1"]
        assert self.chosen(bytes_max=49) == ["s1", "s2"]
        assert self.chosen(bytes_max=60) == []

    def test_both_together_free_what_either_does(self):
        """Age first."""
        assert self.chosen(before_ms=150, bytes_max=30) == ["s1", "s2"]

    def test_without_a_limit_nothing_goes(self):
        """Whoever asks says one."""
        assert self.chosen() == []

    def test_only_the_kinds_that_were_asked_for_go(self):
        """The others do not even count."""
        found = things(self.rows, self.roots)

        assert choose(found, Limits(frozenset({Kind.CACHE}), before_ms=1000)) == []

    def test_the_summary_says_why_the_rest_stays(self):
        """Per kind, with counts."""
        found = things((*self.rows, row("s4", "d")), (*self.roots, root("d", JobStatus.RUNNING)))
        (told,) = summary(found, choose(found, Limits(frozenset(Kind), before_ms=150)))

        assert (told["count"], told["freed_count"], told["freed_size"]) == (4, 1, 10)
        assert told["kept"] == {"not old enough": 2, "a job that has not ended needs it": 1}


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        ("azureml://jobs/calm_sky_1/outputs/o", {"calm_sky_1"}),
        ("azureml://datastores/workspaceblobstore/paths/azureml/0b-1/o/", {"0b-1"}),
        ('{"reuse_plan":{"source":"old_job","rerun":[]}}', {"old_job"}),
        ('{"reuse_plan": {"source_root": "old_job"}}', {"old_job"}),
        ("nothing of the kind", set()),
    ],
)
def test_every_way_to_speak_of_a_job_is_understood(text, jobs):
    """As documents and records say it."""
    assert mentions_of(text).jobs == jobs


def test_an_upload_is_spoken_of_by_its_digest():
    """Wherever it stands."""
    assert mentions_of(f"azureml://datastores/b/paths/LocalUpload/{DIGEST}/src").uploads == {DIGEST}
