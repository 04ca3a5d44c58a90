from __future__ import annotations

import re

import pytest

from pipeyard.api.app import PARTS

GETS = [
    "/api/v1/health",
    "/api/v1/workspaces/default/jobs",
    "/api/v1/workspaces/default/jobs/x/stream",
    "/api/v1/workspaces/default/computes",
]


class TestToken:
    @pytest.mark.parametrize("url", GETS)
    @pytest.mark.parametrize(
        "headers",
        [
            {},
            {"authorization": ""},
            {"authorization": "Bearer"},
            {"authorization": "Bearer wrong"},
            {"authorization": f"Basic {'t' * 43}"},
            {"authorization": f"Bearer {'t' * 42}"},
            {"authorization": "Bearer job:x:"},
            {"authorization": "Bearer \xe9".encode("latin-1")},
        ],
    )
    def test_nobody_comes_in_without_the_token(self, api, url, headers):
        """401 in the one envelope, whatever was sent instead."""
        answer = api.caller(headers).get(url)

        assert answer.status_code == 401
        assert answer.json()["error"]["code"] in ("no-token", "bad-token")
        assert answer.headers["www-authenticate"] == "Bearer"

    def test_every_route_of_the_api_asks(self, api):
        """Also those that will be added: the walk is over the application itself."""
        asked = 0
        for route in (route for part in PARTS for route in part.router.routes):
            path = re.sub(r"{\w+:(\w+)}", lambda word: _EXAMPLES[word[1]], route.path).format_map(_Any())
            if not path.startswith("/api/"):
                continue
            for method in route.methods - {"HEAD"}:
                asked += 1
                assert api.caller({}).request(method, path).status_code == 401, (method, path)
        assert asked > 25

    def test_another_origin_is_told_nothing(self, api):
        """There is no CORS."""
        answer = api.client.request(
            "OPTIONS", GETS[1], headers={"origin": "https://evil.invalid", "access-control-request-method": "GET"}
        )

        assert not [name for name in answer.headers if name.startswith("access-control")]


class TestHost:
    @pytest.mark.parametrize(
        "host", ["evil.invalid", "127.0.0.1", "127.0.0.1:1", "localhost:81230", "127.0.0.1:8123.evil", ""]
    )
    def test_a_name_that_is_not_ours_is_refused_before_anything_else(self, api, host):
        """A page from elsewhere can make its own name point here."""
        answer = api.client.get(GETS[0], headers={"host": host})

        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "wrong-host"

    @pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost:8123", "LOCALHOST:8123", "[::1]:8123"])
    def test_the_names_of_the_loopback_are_ours(self, api, host):
        """With our port."""
        assert api.client.get(GETS[0], headers={"host": host}).status_code == 200


class TestJobToken:
    def test_it_opens_its_own_job_and_files(self, api, words):
        """And changes its tags and properties, no more."""
        job = api.submit()
        name = api.steps(job["name"])["a"].name
        api.artifact(name, "outputs/x.txt", b"mine")
        me = api.caller({"authorization": f"Bearer {api.gate.job_token(name)}"})

        assert me.get(f"{words.jobs}/{name}").json()["name"] == name
        assert me.get(f"{words.jobs}/{name}/files/outputs/x.txt").content == b"mine"
        assert me.patch(f"{words.jobs}/{name}", json={"tags": {"a": "b"}}).json()["tags"] == {"a": "b"}
        assert me.patch(f"{words.jobs}/{name}", json={"display_name": "x"}).status_code == 400

    def test_it_opens_no_other_job(self, api, words):
        """Not even the pipeline around it."""
        job = api.submit({"a": words.step(), "b": words.step()})
        steps = api.steps(job["name"])
        me = api.caller({"authorization": f"Bearer {api.gate.job_token(steps['a'].name)}"})

        for name in (steps["b"].name, job["name"]):
            assert me.get(f"{words.jobs}/{name}").status_code == 403
            assert me.get(f"{words.jobs}/{name}/files").status_code == 403
            assert me.patch(f"{words.jobs}/{name}", json={"tags": {}}).status_code == 403

    def test_it_does_nothing_else(self, api, words):
        """No submit, no list, no stop, no cancel of itself."""
        name = api.steps(api.submit()["name"])["a"].name
        me = api.caller({"authorization": f"Bearer {api.gate.job_token(name)}"})

        assert me.get(words.jobs).status_code == 403
        assert me.post(words.jobs, json={}).status_code == 403
        assert me.post("/api/v1/shutdown").status_code == 403
        assert me.post("/api/v1/login-codes").status_code == 403
        assert me.post(f"{words.jobs}/{name}/cancel").status_code == 403
        assert api.stopped == []

    def test_it_ends_with_the_job(self, api, words):
        """Whoever kept it has nothing."""
        job = api.submit()
        name = api.steps(job["name"])["a"].name
        api.end(job["name"])
        me = api.caller({"authorization": f"Bearer {api.gate.job_token(name)}"})

        assert me.get(f"{words.jobs}/{name}").json()["error"]["code"] == "job-ended"

    def test_one_jobs_signature_does_not_fit_another(self, api, words):
        """The name is part of what is signed."""
        steps = api.steps(api.submit({"a": words.step(), "b": words.step()})["name"])
        forged = api.gate.job_token(steps["a"].name).replace(steps["a"].name, steps["b"].name)

        assert (
            api.caller({"authorization": f"Bearer {forged}"}).get(f"{words.jobs}/{steps['b'].name}").status_code == 401
        )


class TestSession:
    def test_a_code_opens_the_pages_once(self, api):
        """The second use leads to the way in."""
        code = api.client.post("/api/v1/login-codes").json()["code"]
        first = api.caller({}).get("/login", params={"code": code, "next": "/jobs/x"})
        second = api.caller({}).get("/login", params={"code": code})

        assert (first.status_code, first.headers["location"]) == (303, "/jobs/x")
        assert second.status_code == 403
        assert "set-cookie" not in second.headers

    def test_a_code_is_good_for_two_minutes(self, api):
        """After that it is as if it had never been."""
        code = api.client.post("/api/v1/login-codes").json()["code"]
        api.seconds += 121

        assert api.caller({}).get("/login", params={"code": code}).status_code == 403

    def test_the_cookie_is_for_this_server_alone(self, api):
        """No script reads it, no other site sends it, another port has another."""
        code = api.client.post("/api/v1/login-codes").json()["code"]
        cookie = api.caller({}).get("/login", params={"code": code}).headers["set-cookie"]

        assert cookie.startswith("pipeyard_8123=")
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie

    def test_a_session_ends(self, api):
        """After a month."""
        browser = api.browser()
        assert browser.get("/").status_code == 200
        api.seconds += 31 * 24 * 3600

        assert browser.get("/").status_code == 401

    @pytest.mark.parametrize("value", ["", ".", "9999999999.", "9999999999.00", "x.y", "9999999999"])
    def test_a_made_up_cookie_opens_nothing(self, api, value):
        """It has to be signed."""
        assert api.caller({"cookie": f"pipeyard_8123={value}"}).get("/").status_code == 401

    def test_a_change_needs_the_pages_own_header(self, api, words):
        """A form on another site cannot send it."""
        name = api.submit()["name"]
        browser = api.browser()

        assert browser.post(f"{words.jobs}/{name}/cancel").status_code == 403
        assert browser.post(f"{words.jobs}/{name}/cancel", headers={"x-pipeyard-page": "1"}).status_code == 200

    def test_a_request_from_another_site_is_not_the_users(self, api, words):
        """Browsers say where a request comes from."""
        browser = api.browser()

        assert browser.get(words.jobs, headers={"sec-fetch-site": "cross-site"}).status_code == 401
        assert browser.get(words.jobs, headers={"sec-fetch-site": "same-origin"}).status_code == 200

    def test_the_pasted_token_opens_the_pages(self, api, words):
        """Another text does not."""
        body = {"token": words.token, "next": "/jobs/x"}
        headers = {"content-type": "application/x-www-form-urlencoded"}
        good = api.caller(headers).post("/login", data=body)
        bad = api.caller(headers).post("/login", data={**body, "token": "t"})

        assert (good.status_code, good.headers["location"]) == (303, "/jobs/x")
        assert bad.status_code == 403

    @pytest.mark.parametrize(
        "target", ["//evil.invalid", "https://evil.invalid", "/\\evil.invalid", "javascript:1", "", "/a\r\nx: y"]
    )
    def test_a_login_leads_nowhere_else(self, api, target):
        """A link could otherwise send the user away, signed in."""
        code = api.client.post("/api/v1/login-codes").json()["code"]
        answer = api.caller({}).get("/login", params={"code": code, "next": target})

        assert answer.headers["location"] == "/"


def test_a_stop_is_asked_for_by_the_user(api):
    """And answered before it happens."""
    assert api.client.post("/api/v1/shutdown").status_code == 202
    assert api.stopped == [True]


# What an address may have where a route names a kind of word.
_EXAMPLES = {"anything": "x", "home": "workspaces/x", "kind": "components", "which": "versions/1"}


class _Any(dict):
    def __missing__(self, key):
        return "x"
