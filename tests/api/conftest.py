"""One small service for all tests of the API."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from tests.api.small import SmallBuild, small_build


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> SmallBuild:
    """The small build, published in a folder."""
    return small_build(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="session")
def client(small: SmallBuild) -> TestClient:
    """A client of the small service at ``/town/``; every error of the service is an error of the test."""
    return TestClient(create_app(Settings(), [small]), base_url="http://testserver")
