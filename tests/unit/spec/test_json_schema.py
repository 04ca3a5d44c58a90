"""Schemas for editors, made from the table that decoding reads."""

from __future__ import annotations

from pipeyard.spec.json_schema import json_schema, kinds_described
from pipeyard.spec.schema import SCHEMA


def test_each_kind_of_the_table_has_a_schema():
    """With every key of it, described; what has to be there is required."""
    for kind in kinds_described():
        found = json_schema(kind)
        assert list(found["properties"]) == list(dict.fromkeys(field.name for field in SCHEMA[kind]))
        assert all(one["description"] for one in found["properties"].values())
        assert found["required"] == [field.name for field in SCHEMA[kind] if field.is_required]


def test_expressions_may_stand_for_numbers():
    """An editor marks no `${{ }}`."""
    found = json_schema("retry")["properties"]

    assert all("string" in one["type"] for one in found.values() if "integer" in one.get("type", ()))
    assert json_schema("nothing") is None


def test_a_pipeline_brings_what_may_stand_in_it():
    """An editor that completes a step asks for nothing else."""
    inside = json_schema("pipeline job")["$defs"]

    assert inside["limits"]["properties"] == json_schema("limits")["properties"]
    assert "jobs" in inside["pipeline component"]["properties"]
    assert "$defs" not in json_schema("limits")
