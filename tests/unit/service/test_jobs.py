from __future__ import annotations

import pytest

from pipeyard.model.errors import Conflict, NotFound, UserError
from pipeyard.model.record import EventRecord
from pipeyard.model.status import JobStatus
from pipeyard.service import jobs
from pipeyard.service.submit import submit_job


@pytest.fixture
def nested(yard):
    """A root, a group in it, two steps in the group and one beside it; stored in no order."""
    root = yard.job("root", JobStatus.RUNNING)
    for name, node, parent, position, kind in (
        ("s3", "z", "root", 1, "command"),
        ("s2", "g/b", "g", 1, "command"),
        ("s1", "g/a", "g", 0, "command"),
        ("g", "g", "root", 0, "pipeline"),
    ):
        yard.store.jobs[name] = root.with_(name=name, node_id=node, parent_name=parent, position=position, kind=kind)
    return yard


class TestTree:
    def test_parents_come_before_their_children_in_the_files_order(self, nested):
        """Whatever order the store gives them in."""
        assert [row.name for row in jobs.tree_of(nested.world, "default", "root")] == ["root", "g", "s1", "s2", "s3"]

    def test_a_part_of_the_tree_begins_with_the_job_asked_for(self, nested):
        """Its neighbours are left out."""
        assert [row.name for row in jobs.tree_of(nested.world, "default", "g")] == ["g", "s1", "s2"]

    def test_children_are_the_next_level_only(self, nested):
        """A group's steps are its own."""
        assert {row.name for row in jobs.children_of(nested.world, "default", "root")} == {"g", "s3"}

    def test_a_steps_history_is_the_facts_about_it(self, nested):
        """A group's history holds those of its steps."""
        for seq, node in enumerate((None, "g/a", "z"), start=1):
            nested.store.events.append(EventRecord("root", seq, 5, "AttemptStarted", node, 1))

        assert [event.seq for event in jobs.events_of(nested.world, "default", "root")] == [1, 2, 3]
        assert [event.seq for event in jobs.events_of(nested.world, "default", "g")] == [2]
        assert [event.seq for event in jobs.events_of(nested.world, "default", "s3")] == [3]


class TestShow:
    def test_a_job_that_does_not_exist_names_the_nearest(self, yard):
        """A slip of a finger costs no search."""
        yard.job("brave_fox_1234567890")

        with pytest.raises(NotFound) as caught:
            jobs.show_job(yard.world, "default", "brave_fx_1234567890")

        assert caught.value.hint == "did you mean `brave_fox_1234567890`?"


class TestUpdate:
    def test_tags_are_replaced_and_properties_only_added_to(self, yard):
        """An earlier property stands."""
        yard.job(tags={"old": "1"}, properties={"kept": "1"})
        job = jobs.update_job(
            yard.world, "default", "old_job", {"tags": {"n": 2}, "properties": {"kept": "2", "new": "3"}}, by="ann"
        )

        assert job.tags == {"n": "2"}
        assert job.properties == {"kept": "1", "new": "3"}
        assert yard.store.jobs["old_job"].properties == {"kept": "1", "new": "3"}

    def test_the_experiment_cannot_be_changed(self, yard):
        """Section 11.3."""
        yard.job()

        with pytest.raises(UserError, match="`experiment_name` of a job cannot be changed"):
            jobs.update_job(yard.world, "default", "old_job", {"experiment_name": "x"}, by="ann")

    @pytest.mark.parametrize("body", [[], "x", {"tags": 3}, {"description": 3}, {"tags": ["a"]}])
    def test_a_body_of_the_wrong_shape_changes_nothing(self, yard, body):
        """The answer names the member."""
        yard.job(tags={"a": "b"})

        with pytest.raises(UserError):
            jobs.update_job(yard.world, "default", "old_job", body, by="ann")

        assert yard.store.jobs["old_job"].tags == {"a": "b"}


class TestCancel:
    def test_a_running_job_is_asked_to_end(self, yard, words):
        """By whom is kept."""
        job, _ = submit_job(yard.world, "default", yard.request(words.pipeline()))

        jobs.cancel_job(yard.world, "default", job.name, "ann")

        assert yard.runner.canceled == [(job.name, "ann")]

    def test_a_job_that_has_ended_stays_as_it_is(self, yard):
        """The error says how it ended."""
        yard.job(status=JobStatus.FAILED)

        with pytest.raises(Conflict, match="has ended already: Failed"):
            jobs.cancel_job(yard.world, "default", "old_job", "ann")

    def test_a_step_is_not_canceled_alone(self, nested):
        """The hint is the line to type."""
        with pytest.raises(Conflict) as caught:
            jobs.cancel_job(nested.world, "default", "s1", "ann")

        assert "pipeyard job cancel -n root" in caught.value.hint


class TestArchive:
    def test_only_a_job_that_has_ended_is_archived(self, yard):
        """Section 11.3: terminal jobs only."""
        yard.job(status=JobStatus.RUNNING)

        with pytest.raises(Conflict, match="has not ended"):
            jobs.archive_job(yard.world, "default", "old_job", "ann")

    def test_archived_and_restored_it_is_as_before(self, yard):
        """Both may be done twice."""
        before = yard.job()
        for _ in range(2):
            assert jobs.archive_job(yard.world, "default", "old_job", "ann").is_archived
        for _ in range(2):
            assert jobs.restore_job(yard.world, "default", "old_job", "ann") == before
