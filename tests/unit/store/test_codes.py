import re
from pathlib import Path

import pipeyard
from pipeyard.model.codes import PAGES
from pipeyard.store import fault


def test_every_code_of_the_storage_folders_has_a_page():
    """
    `pipeyard explain CODE` knows whatever the database, an output or an upload may say.
    """
    root = Path(pipeyard.__file__).parent
    texts = [path.read_text() for name in ("store", "datastore") for path in (root / name).glob("*.py")]
    used = {code for text in texts for code in re.findall(r'code="([a-z-]+)"', text)}
    used |= {code for _, code, *_ in fault._KNOWN}

    assert set() == used - PAGES.keys()
    assert len(used) > 25
