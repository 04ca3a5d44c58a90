"""The parallel driver, with real worker processes."""

from __future__ import annotations

import os
import signal

ECHO = """
    import os
    def run(batch):
        return [os.path.basename(path) + " " + open(path).read() for path in batch]
"""


def test_rows_come_in_the_order_of_the_mini_batches(step):
    """However long each takes, and whichever worker has it."""
    step.files(9)
    step.script("""
        import time
        def Init():
            global made
            made = 7
        def Run(batch):
            # The first are the slowest.
            time.sleep(0.2 / (int(open(batch[0]).read()) + 1))
            return tuple(f"{made} {open(path).read()}" for path in batch)
        def Shutdown():
            print("good bye")
    """)

    assert step.run(instances=2) == 0
    assert step.lines() == [f"7 {number}" for number in range(9)]
    done = step.progress()
    assert (done["state"], done["mini_batches"]["total"], done["items"]["done"]) == ("completed", 5, 9)
    assert "5/5 mini-batches" in step.said
    assert (step.logs / "user/stdout/1/process001.stdout.txt").read_text() == "good bye\n"
    assert "5/5 mini-batches" in (step.logs / "job_progress_overview.0.txt").read_text()
    # Everything is done: nobody needs what was kept to go on.
    assert not (step.logs / "parallel/finished.jsonl").exists()


def test_a_crash_costs_one_try_of_one_mini_batch(step):
    """The others are not tried again, and the crashed one gets its second chance in a new process."""
    step.files(12)
    step.script("""
        import os, signal
        def run(batch):
            for path in batch:
                if path.endswith("004.txt") and not os.path.exists("crashed"):
                    open("crashed", "w").close()
                    os.kill(os.getpid(), signal.SIGKILL)
            return batch
    """)

    assert step.run(max_retries=1) == 0, step.said
    done = step.progress()
    assert done["mini_batches"] == {"total": 6, "done": 6, "failed": 0, "taken": 0, "retries": 1}
    assert [line.rpartition("/")[2] for line in step.lines()] == [f"{number:03d}.txt" for number in range(12)]
    assert "SIGKILL; memory may have run out" in (step.logs / "sys/master.txt").read_text()


def test_what_fails_for_good_is_listed_and_the_rest_goes_on(step):
    """An error, an exit, too few rows and no rows at all are failures; with -1 any number is allowed."""
    step.files(6)
    step.script("""
        import os, sys
        def run(batch):
            number = int(open(batch[0]).read())
            if number == 0:
                raise ValueError("no zero")
            if number == 1:
                os._exit(3)
            if number == 2:
                sys.exit("enough")
            if number == 3:
                return []
            return None if number == 4 else batch
    """)

    assert step.run(mini_batch_files=1, max_retries=0) == 0, step.said
    done = step.progress()
    errors = {failed["index"]: failed["error"] for failed in done["failed"]}
    assert errors[0] == "ValueError: no zero"
    assert errors[1] == "the worker process ended with exit code 3"
    assert errors[2] == "SystemExit: enough"
    assert errors[3] == "`run` returned 0 rows for 1 items"
    assert "returned NoneType" in errors[4]
    assert done["failed"][0]["files"] == ["000.txt"]
    assert "no zero" in (step.root / "wd" / done["failed"][0]["log"]).read_text()
    assert "no zero" in (step.logs / "job_error.txt").read_text()
    assert len(step.lines()) == 1


def test_the_log_of_a_failed_mini_batch_has_what_it_printed(step):
    """Of each try: how it failed, and its own output and errors, without what other mini-batches printed."""
    step.files(4)
    step.script("""
        import os, sys
        def run(batch):
            number = open(batch[0]).read()
            print("working on", number)
            if number == "1":
                raise ValueError("no one")
            if number == "2":
                print("last words", file=sys.stderr)
                os._exit(3)
            return batch
    """)

    assert step.run(mini_batch_files=1, max_retries=1, concurrency=1) == 0, step.said
    one, two = (step.root / "wd" / failed["log"] for failed in step.progress()["failed"])
    assert one.read_text().count("ValueError: no one") == 2
    assert one.read_text().count("working on 1") == 2
    assert "working on 0" not in one.read_text()
    assert two.read_text().count("--- standard errors ---\nlast words") == 2
    assert two.read_text().startswith("mini-batch 2 (002.txt)\n\ntry 1, instance 0, process 0, ended ")


def test_progress_says_what_each_worker_does(step):
    """A place goes on with its numbers when another process takes it."""
    step.files(5)
    step.script("""
        import os
        def run(batch):
            if batch[0].endswith("000.txt") and not os.path.exists("crashed"):
                open("crashed", "w").close()
                os._exit(3)
            return batch
    """)

    assert step.run(mini_batch_files=1, instances=2, concurrency=1) == 0, step.said
    crew = step.progress()["crew"]
    assert [(one["instance"], one["process"], one["state"]) for one in crew] == [(0, 0, "ended"), (1, 0, "ended")]
    assert sum(one["done"] for one in crew) == sum(one["items"] for one in crew) == 5
    assert sum(one["failed"] for one in crew) == sum(one["restarts"] for one in crew) == 1
    assert (step.root / "wd" / crew[0]["log"]).is_file()


def test_a_mini_batch_that_takes_too_long_is_ended(step):
    """So is what it has started; the worker is replaced."""
    step.files(3)
    step.script("""
        import subprocess, time
        def run(batch):
            if open(batch[0]).read() == "1":
                subprocess.run(["sleep", "1234.5"])
            return batch
    """)

    assert step.run(mini_batch_files=1, max_retries=0, timeout_seconds=3) == 0, step.said
    (failed,) = step.progress()["failed"]
    assert failed["index"] == 1
    assert "took longer than" in failed["error"]
    assert len(step.lines()) == 2


def test_too_many_failures_end_the_step(step):
    """By number of mini-batches, of items, and by percentage."""
    step.files(8)
    step.script("""
        def run(batch):
            if int(open(batch[0]).read()) % 2:
                raise ValueError("odd")
            return batch
    """)
    common = {"mini_batch_files": 1, "max_retries": 0, "concurrency": 1}

    assert step.run(**common, mini_batch_error_threshold=4) == 0, step.said
    assert step.run(**common, mini_batch_error_threshold=2) == 1
    assert "3 mini-batches failed, and 2 may" in step.said
    assert step.progress()["state"] == "failed"
    assert step.run(**common, arguments=["--error_threshold", "1"]) == 1
    assert "2 items failed, and 1 may" in step.said
    assert step.run(**common, arguments=["--allowed_failed_percent", "20"]) == 1
    assert "more than 20 percent" in step.said


def test_only_the_driver_hears_its_own_arguments(step):
    """The script has the others, in `sys.argv`, behind its name."""
    step.files(1)
    step.script("""
        import sys
        def run(batch):
            return [repr(sys.argv)]
    """)

    assert step.run(arguments=["--error_threshold=5", "--a", "x y", "--push_metrics_to_parent", "True", "-v"]) == 0
    assert step.lines() == ["['score.py', '--a', 'x y', '-v']"]
    assert "`--push_metrics_to_parent` has no effect here" in step.said


def test_failed_mini_batches_run_again_alone(step, tmp_path):
    """The others' rows, and what they wrote elsewhere, are taken over."""
    from tests.integration.drivers.conftest import Step

    step.files(6)
    script = """
        import os
        def run(batch):
            if open(batch[0]).read() == "4" and not os.path.exists("better"):
                raise ValueError("not yet")
            open("ran-" + open(batch[0]).read(), "w").close()
            return batch
    """
    step.script(script)
    assert step.run(max_retries=0) == 0
    model = tmp_path / "models"
    (model / "in").mkdir(parents=True)
    (model / "in" / "a.bin").write_text("a")

    again = Step(tmp_path / "again")
    again.files(6)
    again.script(script)
    (again.root / "wd" / "better").touch()
    outputs = {"rows": str(again.rows), "model": str(tmp_path / "new")}
    earlier = {"logs": str(step.logs), "outputs": {"model": str(model)}}

    assert again.run(earlier=earlier, outputs=outputs) == 0, again.said
    assert [path.name for path in (again.root / "wd").glob("ran-*")] == ["ran-4"]
    assert len(again.lines()) == 6
    assert again.progress()["mini_batches"]["taken"] == 2
    assert (tmp_path / "new" / "in" / "a.bin").read_text() == "a"


def test_a_script_that_does_not_start_fails_the_step_at_once(step):
    """Its error is said; it is not tried for each mini-batch."""
    step.files(5)
    step.script("import nothing_that_there_is\ndef run(batch): return batch")

    assert step.run() == 1
    assert "the entry script did not start: ModuleNotFoundError" in step.said


def test_no_files_are_no_work(step):
    """The file of rows is there all the same, and empty."""
    step.script(ECHO)

    assert step.run() == 0
    assert step.lines() == []


def test_a_step_that_is_asked_to_end_does(step):
    """Its workers end with it, and what was finished is kept."""
    step.files(4)
    step.script("""
        import time
        def run(batch):
            if int(open(batch[0]).read()) >= 2:
                time.sleep(60)
            return batch
    """)
    process = step.start(mini_batch_files=1, concurrency=1, timeout_seconds=100)
    kept = step.logs / "parallel" / "finished.jsonl"
    while not kept.exists() or kept.read_text().count("\n") < 2:
        assert process.poll() is None
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == 143
    assert step.progress()["state"] == "canceled"
    assert kept.read_text().count("\n") == 2
    assert len(step.lines()) == 2
