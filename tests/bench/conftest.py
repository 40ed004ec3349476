"""Where calls are counted nobody listens."""

import pytest


@pytest.fixture
def keeps_order() -> bool:
    return False
