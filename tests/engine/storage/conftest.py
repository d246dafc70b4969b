from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.storage.history import History


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    history = History(tmp_path)
    yield history
    history.close()
