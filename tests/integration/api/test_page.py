from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from pipeyard.model.status import JobStatus

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \"'&\n é\u2028"


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def page(api):
    """Read a page as the user."""
    browser = api.browser()

    def read(url, status=200):
        answer = browser.get(url)
        assert answer.status_code == status
        return answer, Reader(answer.text)

    return read


class TestJob:
    def test_a_file_name_that_is_no_utf8_does_not_hide_the_page(self, api, page):
        """What cannot be written is spelled out."""
        job = api.submit()
        error = {"code": "bad-output", "message": "`caf\udce9.txt` is no folder"}
        for name in (api.steps(job["name"])["a"].name, job["name"]):
            api.change(job["name"], name, status=JobStatus.FAILED, error=error)

        assert "caf\\udce9.txt is no folder" in page(f"/jobs/{job['name']}")[1].text

    def test_a_reused_step_is_shown_as_one(self, api, page):
        """It is complete, and somebody else's work."""
        job = api.submit()
        step = api.steps(job["name"])["a"]
        reused = {**step.detail, "reuse": {"decision": "reused", "source_job": "an-earlier-step"}}
        api.change(job["name"], step.name, status=JobStatus.COMPLETED, detail=reused)

        assert "Reused" in page(f"/jobs/{job['name']}")[1].text

    def test_it_shows_steps_with_states(self, api, words, page):
        """In the words of people: a skipped step is skipped."""
        job = api.submit({"a": words.step(), "b": words.step()}, display_name="Train it")
        steps = api.steps(job["name"])
        api.change(
            job["name"],
            steps["a"].name,
            status=JobStatus.FAILED,
            error={"code": "exit-code", "message": "exited with 3", "last_lines": ["boom <x>"]},
        )
        api.change(
            job["name"],
            steps["b"].name,
            status=JobStatus.CANCELED,
            error={"code": "skipped", "message": "not started: step `a` failed"},
        )
        api.change(
            job["name"],
            job["name"],
            status=JobStatus.FAILED,
            error={"code": "step-failed", "message": "step `a` failed: exited with 3"},
        )
        _, found = page(f"/jobs/{job['name']}")

        for said in ("Train it", "Failed", "Skipped", "exited with 3", "boom <x>", "Never started: b"):
            assert said in found.text

    def test_it_shows_what_was_really_installed(self, api, page):
        """Each environment of the job once, with what stands for what in it."""
        job = api.submit()
        kept = {
            "resolved_by": "pip-translate",
            "lock": ["torch==2.1", "<six>==1"],
            "substitutions": ["pytorch -> torch"],
        }
        nothing = {"resolved_by": "python", "lock": []}
        api.change(job["name"], job["name"], detail={"environments": {"a" * 64: kept, "b" * 64: nothing}})
        _, found = page(f"/jobs/{job['name']}")

        for said in ("1 environment", "a" * 12, "pip-translate", "torch==2.1", "<six>==1", "pytorch -> torch"):
            assert said in found.text

    def test_it_shows_whose_result_a_step_has_and_why_others_ran(self, api, words, page):
        """A reused step links to the one that ran; of many reasons the first is shown; a first run has none."""
        job = api.submit({"a": words.step(), "b": words.step(), "c": words.step()})
        reasons = [{"code": "code-changed", "message": "code file `<x>` changed"}, {"code": "c", "message": "more"}]
        first = [{"code": "nothing-earlier", "message": "no step like it"}]
        for key, reuse in (
            ("a", {"decision": "reused", "source_job": "1-2", "reasons": []}),
            ("b", {"decision": "ran", "source_job": None, "reasons": reasons}),
            ("c", {"decision": "ran", "source_job": None, "reasons": first}),
        ):
            step = api.steps(job["name"])[key]
            api.change(job["name"], step.name, status=JobStatus.COMPLETED, detail={**step.detail, "reuse": reuse})
        _, found = page(f"/jobs/{job['name']}")

        assert "Reused" in found.text
        assert "the result of an earlier step" in found.text
        assert ("href", "/jobs/1-2") in found.attributes
        assert "ran because code file <x> changed (and 1 more)" in found.text
        assert "no step like it" not in found.text

    def test_nothing_a_user_writes_becomes_html(self, api, words, page):
        """Names, descriptions, tags, errors, files, inputs."""
        job = api.submit(
            {"a": words.step(display_name=NASTY, description=NASTY)},
            display_name=NASTY,
            description=NASTY,
            experiment_name=NASTY,
            tags={NASTY: NASTY},
            inputs={"n": NASTY},
        )
        api.change(job["name"], job["name"], error={"code": "x", "message": NASTY, "last_lines": [NASTY]})
        _, found = page(f"/jobs/{job['name']}")

        assert found.tags.count("script") == 1
        assert "img" not in found.tags
        assert not [name for name, _ in found.attributes if name.startswith("on")]
        assert "alert(1)" in found.text

    def test_the_policy_lets_nothing_foreign_in(self, api, page):
        """Style and script carry a nonce that is new each time."""
        name = api.submit()["name"]
        nonces = set()
        for _ in range(2):
            answer, found = page(f"/jobs/{name}")
            policy = answer.headers["content-security-policy"]
            (nonce,) = set(re.findall(r"'nonce-([^']+)'", policy))
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert [value for key, value in found.attributes if key == "nonce"] == [nonce, nonce]
            nonces.add(nonce)
        assert len(nonces) == 2

    def test_nothing_is_loaded_from_elsewhere(self, api, page):
        """Not a font, not an icon."""
        _, found = page(f"/jobs/{api.submit()['name']}")

        assert not [value for key, value in found.attributes if key in ("src", "href") and "//" in (value or "")]

    def test_it_is_not_kept_or_framed(self, api, page):
        """A shared browser shows nothing after the session."""
        answer, _ = page(f"/jobs/{api.submit()['name']}")

        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"

    def test_a_job_that_ended_has_no_cancel_button(self, api, page):
        """A running one has."""
        name = api.submit()["name"]
        _, running = page(f"/jobs/{name}")
        api.end(name)
        _, ended = page(f"/jobs/{name}")

        assert ("id", "cancel") in running.attributes
        assert ("id", "cancel") not in ended.attributes

    def test_a_job_that_does_not_exist_is_said_so(self, page):
        """With a way back."""
        _, found = page("/jobs/nobody%3Cb%3E", 404)

        assert "there is no job `nobody<b>`" in found.text
        assert ("href", "/") in found.attributes


class TestList:
    def test_jobs_are_listed_newest_first(self, api, page):
        """Each leads to its page."""
        names = [api.submit()["name"] for _ in range(3)]
        _, found = page("/")

        links = [value for key, value in found.attributes if key == "href" and value.startswith("/jobs/")]
        assert links == [f"/jobs/{name}" for name in reversed(names)]

    def test_an_empty_list_says_what_to_type(self, page):
        """The first thing that a new user sees."""
        _, found = page("/")

        assert "pipeyard job create --file pipeline.yml" in found.text

    def test_older_jobs_are_a_page_further(self, api, page):
        """Fifty a page."""
        for _ in range(51):
            api.submit()
        _, first = page("/")
        (older,) = [value for key, value in first.attributes if key == "href" and "before" in value]
        _, second = page(older)

        assert len([tag for tag in second.tags if tag == "tr"]) == 2


@pytest.mark.parametrize("url", ["/", "/jobs/x", "/jobs/x?step=a%22%3E%3Cb%3E"])
def test_who_is_not_signed_in_is_asked_to(api, url):
    """The form goes on to what was asked for, and says nothing of any job."""
    answer = api.caller({}).get(url)
    found = Reader(answer.text)

    assert answer.status_code == 401
    assert ("type", "password") in found.attributes
    assert "b" not in found.tags


def test_a_job_s_address_cut_short_leads_to_the_list(api):
    """Who deletes the name wants the others."""
    answer = api.browser().get("/jobs")

    assert (answer.status_code, answer.headers["location"]) == (307, "/")


def test_a_browser_that_asks_for_what_is_not_there_gets_a_page(api):
    """A program gets the envelope of all errors."""
    in_words = api.browser().get("/nowhere/<b>", headers={"accept": "text/html,*/*"})
    in_json = api.browser().get("/nowhere")

    assert "there is nothing at `/nowhere/<b>`" in Reader(in_words.text).text
    assert (in_words.status_code, in_json.status_code) == (404, 404)
    assert in_json.json()["error"]["code"] == "no-such-address"
