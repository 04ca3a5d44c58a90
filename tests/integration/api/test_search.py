"""Finding things by a few words."""

from __future__ import annotations

import pytest

from tests.integration.api.test_assets import TRAIN, create, get

OTHER = {**TRAIN, "name": "score_model", "display_name": "Score it", "tags": {"team": "w\u00f6rter", "a b": '"q"'}}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("score", ["score_model"]),
        ("SCORE it", ["score_model"]),
        ("it command", ["score_model"]),
        ("team", ["score_model"]),
        ("w\u00f6rter", ["score_model"]),
        ("team:w\u00f6rter", ["score_model"]),
        ("team=w\u00f6r", ["score_model"]),
        ('"q"', ["score_model"]),
        ("command", ["score_model", "train"]),
        ("team:other", []),
        ("%", []),
        ("score nothing", []),
    ],
)
def test_a_list_of_names_is_narrowed_by_words(api, text, names):
    """Each word has to be in the name, the display name, the type, or a tag."""
    create(api, TRAIN)
    create(api, OTHER)

    assert [row["name"] for row in get(api, "/components", text=text)["value"]] == names


def test_the_search_goes_over_everything_that_has_a_page(api):
    """Names that begin with the words come first."""
    create(api, TRAIN)
    create(api, {"name": "my_train", "image": "python"}, kind="environments")
    api.client.put("/api/v1/workspaces/default/computes/trainers", json={"type": "amlcompute"})
    job = api.submit(display_name="the train job")

    found = get(api, "/search", text="train")["value"]
    assert [(hit["kind"], hit["name"]) for hit in found] == [
        ("components", "train"),
        ("computes", "trainers"),
        ("jobs", job["name"]),
        ("environments", "my_train"),
    ]
    assert [hit["name"] for hit in get(api, "/search", text=job["name"])["value"]] == [job["name"]]


def test_drafts_are_found_by_their_names_and_by_their_steps(api):
    """Not those that were put away; the detail says why it was found."""
    home = "/api/v1/workspaces/default/drafts"
    text = "type: pipeline\njobs:\n  fit_curve:\n    type: command\n"
    made = [
        api.client.post(home, json={"name": name, "text": text}).json()["id"]
        for name in ("Fit \u00fc", "other", "away")
    ]
    api.client.delete(f"{home}/{made[2]}")
    found = get(api, "/search", text="fit")["value"]

    assert [(hit["kind"], hit["name"], hit["display_name"], hit["detail"]) for hit in found] == [
        ("drafts", made[0], "Fit \u00fc", "revision 1"),
        ("drafts", made[1], "other", "step fit_curve"),
    ]
    assert [hit["name"] for hit in get(api, "/search", text="\u00fc")["value"]] == [made[0]]


def test_the_search_finds_nothing_for_no_words(api):
    """Whoever has not typed yet is shown pages, not things."""
    assert get(api, "/search", text="  ")["value"] == []


def test_a_registry_is_searched_for_its_assets(api):
    """It has no jobs and no computes."""
    api.client.put("/api/v1/registries/team", json={})
    create(api, TRAIN, home="/api/v1/registries/team")

    found = api.client.get("/api/v1/registries/team/search", params={"text": "a"}).json()["value"]
    assert [(hit["kind"], hit["name"]) for hit in found] == [("components", "train")]
