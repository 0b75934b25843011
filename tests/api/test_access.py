"""Who may read, where the service may listen, and how it is started."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.auth import Keys, check_binding, is_local, is_open
from api.errors import BadSetting
from api.settings import Settings, environment, read_settings
from tests.api.small import SmallBuild, small_build

KEY = "0f" * 32
HASHED = hashlib.sha256(KEY.encode()).hexdigest()


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A service that asks for a key."""
    settings = Settings(api_key_hashes=("0" * 64, HASHED))
    return TestClient(create_app(settings, [small_build(tmp_path_factory.mktemp("locked"))]))


@pytest.mark.parametrize(
    "path", ["/", "/town", "/town/", "/town/collections", "/town/boards/planner", "/static/../town/", "/nothing"]
)
def test_every_path_asks_for_the_key(locked: TestClient, path: str) -> None:
    for headers in ({}, {"X-API-Key": ""}, {"X-API-Key": "x"}, {"X-API-Key": HASHED}, {"Authorization": KEY}):
        refused = locked.get(path, headers=headers, follow_redirects=False)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("ApiKey")
        assert refused.headers["content-type"] == "application/problem+json"
    assert locked.get(path, params={"api_key": KEY}, follow_redirects=False).status_code == 401
    assert locked.get(path, headers={"X-API-Key": KEY}).status_code in (200, 404)


def test_answers_behind_a_key_are_kept_by_their_reader_only(locked: TestClient) -> None:
    response = locked.get("/town/api", headers={"X-API-Key": KEY})
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.json()["security"] == [{"key": []}]


def test_supervisors_need_no_key(locked: TestClient) -> None:
    assert locked.get("/livez").json() == {"status": "alive"}
    assert locked.get("/readyz").json() == {"status": "ready", "reasons": []}


def test_scripts_need_no_key_and_hold_no_data(locked: TestClient) -> None:
    for path in ("/static/page.css", "/static/common.js"):
        assert locked.get(path).status_code == 200
    assert locked.get("/static/nothing.js").status_code == 404
    assert not any(is_open(path) for path in ("/static", "/static/../town/", "/staticx", "/town/static/x.js"))


def test_keys_are_compared_whole() -> None:
    keys = Keys(lambda *_: None, (HASHED,))  # type: ignore[arg-type]  # never called
    assert keys.knows(KEY)
    assert not any(keys.knows(other) for other in ("", KEY[:-1], KEY + "0", KEY.upper(), HASHED))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_this_machine_is_open_for_reading(host: str) -> None:
    assert is_local(host)
    check_binding(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])  # noqa: S104 (refused)
def test_other_addresses_need_keys(host: str) -> None:
    with pytest.raises(BadSetting, match="GRIDWALK_API_KEY_HASHES"):
        check_binding(Settings(host=host))
    check_binding(Settings(host=host, api_key_hashes=(HASHED,)))


def test_the_index_says_that_it_is_open(client: TestClient, locked: TestClient) -> None:
    assert "本机只读服务，无需密钥" in client.get("/").text
    assert "凭密钥访问" in locked.get("/", headers={"X-API-Key": KEY}).text


def test_readiness_names_what_is_missing(tmp_path: Path) -> None:
    build = small_build(tmp_path)
    client = TestClient(create_app(Settings(), [build]))
    (build.out / "layers" / "dots.parquet").unlink()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["reasons"] == ["town: dots.parquet is missing"]


@pytest.mark.parametrize("id", ["static", "livez", "readyz"])
def test_ids_of_own_paths_are_refused(tmp_path: Path, id: str) -> None:
    with pytest.raises(BadSetting, match=id):
        create_app(Settings(), [small_build(tmp_path, id)])


def test_two_workspaces_with_one_id_are_refused(small: SmallBuild) -> None:
    with pytest.raises(BadSetting, match="two workspaces"):
        create_app(Settings(), [small, small])


def test_workspaces_do_not_know_of_each_other(tmp_path: Path) -> None:
    builds = [small_build(tmp_path / name, name) for name in ("one", "two")]
    client = TestClient(create_app(Settings(), builds))
    assert [link["href"] for link in client.get("/?f=json").json()["links"] if link["rel"] == "child"] == [
        "http://testserver/one/",
        "http://testserver/two/",
    ]
    assert "/two" not in client.get("/one/api").text


def test_settings_travel_through_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(workspaces=(Path("a b"), Path("模拟")), api_key_hashes=(HASHED,), limit_max=7, port=0)
    for name, value in environment(given).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == given


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("API_KEY_HASHES", "x"), ("API_KEY_HASHES", '["x"]'), ("API_KEY_HASHES", f'["{HASHED}x"]')),
        *(("PORT", "-1"), ("LIMIT_MAX", "0"), ("BASE_URL", "maps.example.org"), ("BASE_URL", "http://x?y")),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"GRIDWALK_{name}", value)
    with pytest.raises(BadSetting, match=f"(?i){name}"):
        read_settings()


def test_page_sizes_come_from_the_settings(tmp_path: Path) -> None:
    settings = Settings(limit_default=3, limit_max=5)
    client = TestClient(create_app(settings, [small_build(tmp_path)]))
    items = "/town/collections/dots/items"
    assert client.get(items).json()["numberReturned"] == 3
    assert client.get(items, params={"limit": 6}).json()["numberReturned"] == 5
    schema = client.get("/town/api").json()["components"]["parameters"]["limit"]["schema"]
    assert (schema["default"], schema["maximum"]) == (3, 5)
