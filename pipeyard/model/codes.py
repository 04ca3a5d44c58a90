"""
Every code of a diagnostic and its page: what it means, an example, and what to do.

In:       nothing.
Out:      `PAGES`, which `pipeyard explain CODE` prints and the reference pages show.
Not here: the places that find these problems.

Each area keeps its pages in a file of its own (`codes_*.py`) and is added to `PAGES` here.
A test holds that every code in use has a page.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipeyard.model.code_page import CodePage
from pipeyard.model.codes_asset import ASSET_PAGES
from pipeyard.model.codes_client import CLIENT_PAGES
from pipeyard.model.codes_container import CONTAINER_PAGES
from pipeyard.model.codes_draft import DRAFT_PAGES
from pipeyard.model.codes_environment import ENVIRONMENT_PAGES
from pipeyard.model.codes_flow import FLOW_PAGES
from pipeyard.model.codes_graph import GRAPH_PAGES
from pipeyard.model.codes_run import RUN_PAGES
from pipeyard.model.codes_service import SERVICE_PAGES
from pipeyard.model.codes_spec import SPEC_PAGES
from pipeyard.model.codes_storage import STORAGE_PAGES
from pipeyard.model.codes_sweep import SWEEP_PAGES
from pipeyard.model.codes_table import TABLE_PAGES
from pipeyard.model.codes_tracking import TRACKING_PAGES
from pipeyard.model.codes_yaml import YAML_PAGES

PAGES: Mapping[str, CodePage] = {
    **YAML_PAGES,
    **SPEC_PAGES,
    **GRAPH_PAGES,
    **FLOW_PAGES,
    **CLIENT_PAGES,
    **DRAFT_PAGES,
    **STORAGE_PAGES,
    **SWEEP_PAGES,
    **TABLE_PAGES,
    **SERVICE_PAGES,
    **ASSET_PAGES,
    **RUN_PAGES,
    **ENVIRONMENT_PAGES,
    **CONTAINER_PAGES,
    **TRACKING_PAGES,
}
