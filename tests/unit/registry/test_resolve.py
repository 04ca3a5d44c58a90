import pytest

from pipeyard.model.asset_record import WorkspaceRecord, registry_workspace
from pipeyard.model.assets import AssetKind, AssetRef
from pipeyard.registry.missing import AssetMissing
from pipeyard.registry.resolve import resolve

COMPONENT, DATA, MODEL = AssetKind.COMPONENT, AssetKind.DATA, AssetKind.MODEL


def said(shelf, *reference, **rest):
    """Return what is said of a reference that names nothing."""
    with pytest.raises(AssetMissing) as caught:
        resolve(shelf, "default", AssetRef(*reference, **rest))
    assert "asset-not-found" == caught.value.code
    return caught.value.message, caught.value.hint


def test_every_form_of_reference_is_resolved(shelf):
    """
    By version, by label, and without either.
    """
    for version in ("1", "3", "2"):
        shelf.put(version=version)
    shelf.put(version="9", workspace=registry_workspace("team"))
    shelf.labels["default", COMPONENT, "train", "gold"] = "1"

    def version(**rest):
        return resolve(shelf, "default", AssetRef(COMPONENT, "train", **rest)).version

    assert ("3", "2", "2", "2", "1") == (
        version(version="3"),
        version(label="latest"),
        version(label="default"),
        version(),
        version(label="gold"),
    )
    assert "9" == version(label="latest", registry="team")


def test_an_unknown_name_has_its_nearest(shelf):
    """
    Or says how to see, or make, one.
    """
    assert ("there is no component `trian`", "none is registered: `pipeyard component create`") == said(
        shelf, COMPONENT, "trian", "1"
    )
    shelf.put()
    assert "did you mean `train`?" == said(shelf, COMPONENT, "trian", "1")[1]
    assert "`pipeyard component list` shows those there are" == said(shelf, COMPONENT, "evaluate", "1")[1]


def test_a_name_of_the_other_kind_says_so(shelf):
    """
    Data and models are told apart by the type of the input.
    """
    shelf.put("iris", kind=MODEL)

    message, hint = said(shelf, DATA, "iris", "1")

    assert "there is no data asset `iris`" == message
    assert "there is a model of that name" in hint


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("7", "the nearest are `5`, `8` and `10`; `@latest` is `v1`"),
        ("2", "the nearest are `1`, `5` and `8`; `@latest` is `v1`"),
        ("v2", "the nearest are `v1`, `10` and `8`; `@latest` is `v1`"),
        ("9" * 40, "the nearest are `5`, `8` and `10`; `@latest` is `v1`"),
    ],
)
def test_an_unknown_version_has_its_nearest(shelf, wanted, hint):
    """
    Numbers by how far they are, words by how alike.
    """
    for version in ("1", "5", "8", "10", "v1"):
        shelf.put(version=version)

    message, said_hint = said(shelf, COMPONENT, "train", wanted)

    assert f"component `train` has no version {wanted}" == message
    assert hint.replace(" and ", ", ") == said_hint


def test_a_name_with_only_archived_versions_says_so(shelf):
    """
    The number still works.
    """
    shelf.put(is_archived=True)

    message, hint = said(shelf, COMPONENT, "train", None, "latest")

    assert "every version of component `train` is archived" == message
    assert "`train:1`" in hint
    assert "1" == resolve(shelf, "default", AssetRef(COMPONENT, "train", "1")).version


def test_a_registry_that_is_not_there_says_how_to_make_one(shelf):
    """
    Azure's own is no different, but is known as such.
    """
    assert "there is no registry `team` on this server" == said(shelf, COMPONENT, "x", "1", registry="team")[0]
    assert "`azureml` is a registry of Azure's" in said(shelf, COMPONENT, "x", "1", registry="azureml")[0]
    shelf.workspaces[registry_workspace("team")] = WorkspaceRecord(registry_workspace("team"), 0, "")
    assert "there is no component `x` in registry `team`" == said(shelf, COMPONENT, "x", "1", registry="team")[0]
    shelf.put(workspace=registry_workspace("team"))
    assert (
        "component `train` in registry `team` has no version 2"
        == said(shelf, COMPONENT, "train", "2", registry="team")[0]
    )


def test_an_unknown_label_has_its_nearest(shelf):
    """
    Most are slips of `latest`.
    """
    shelf.put()

    assert "did you mean `@latest`?" == said(shelf, COMPONENT, "train", None, "latst")[1]
