"""Layers in a real PostGIS server: what is written is what was built, all of it or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import sqlalchemy as sql

from api import publishing
from geo.errors import BadParameter, GridwalkError
from geo.layer import Field, Kind, Layer, Title
from geo.service import Build
from geo.store import postgis
from geo.workspace import open_workspace
from tests.api.test_cli import found, gridwalk

KINDS: tuple[Kind, ...] = ("string", "integer", "number", "boolean", "date", "date-time", "list")
WORD = Title("词", "Word")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of our own, on a socket; gives its address with a place for the database."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    extension = sorted(Path("/usr/share/postgresql").glob("*/extension/postgis.control"))
    if not programs or not extension:
        reason = "no PostGIS server: apt install postgresql postgresql-postgis"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    home = Path(tempfile.mkdtemp(prefix="gw-", dir="/tmp"))  # its user may enter; a socket's path is short
    user = "postgres" if os.getuid() == 0 else None
    if user:
        shutil.chown(home, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(programs[-1].with_name(program)), "-D", f"{home}/data", *arguments]
        done = subprocess.run(command, user=user, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert done.returncode == 0, done.stderr.decode()

    try:
        run("initdb", "-A", "trust", "-U", "gridwalk", "-E", "UTF8", "--locale=C", "--no-sync")
        run("pg_ctl", "start", "-w", "-l", f"{home}/log", "-o", f"-F -k {home} -c listen_addresses=")
        try:
            yield f"postgresql://gridwalk@/{{}}?host={home}"
        finally:
            run("pg_ctl", "stop", "-m", "immediate")
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="module")
def address(server: str) -> str:
    """A database with PostGIS."""
    with connect(server.format("postgres")).execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sql.text("CREATE DATABASE gis"))
    with connect(server.format("gis")) as connection:
        connection.execute(sql.text("CREATE EXTENSION postgis"))
        connection.commit()
    return server.format("gis")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The tiny town, built."""
    folder = found(tmp_path_factory.mktemp("postgis") / "town")
    return publishing.build(open_workspace(folder))[0]


def connect(address: str) -> sql.Connection:
    url = sql.make_url(address).set(drivername="postgresql+psycopg")
    return sql.create_engine(url, poolclass=sql.NullPool).connect()


def rows(address: str, query: str) -> list[tuple[object, ...]]:
    with connect(address) as connection:
        return [tuple(row) for row in connection.execute(sql.text(query))]


def do(address: str, *commands: str) -> None:
    with connect(address) as connection:
        for command in commands:
            connection.execute(sql.text(command))
        connection.commit()


def tables(address: str, schema: str) -> set[str]:
    with connect(address) as connection:
        return set(sql.inspect(connection).get_table_names(schema))


def things(key: str = "thing-s", **changed: object) -> Layer:
    fields = (Field("thing_id", "string", WORD), *(Field(f"a {kind}", kind, WORD, unit="m") for kind in KINDS))
    made = Layer(key, WORD, Title("说明", "What it is"), (), fields, lambda *_: gpd.GeoDataFrame(), "area")
    return replace(made, **changed)  # type: ignore[arg-type]


def some(ids: list[str | None]) -> gpd.GeoDataFrame:
    """Rows with everything in the first and nothing in the others."""
    first = {
        "a string": "it's; DROP TABLE %s 网格",
        "a integer": 2**40,
        "a number": 0.1,
        "a boolean": False,
        "a date": pd.Timestamp("2026-11-20").date(),
        "a date-time": pd.Timestamp("2026-11-20T10:00:00.5+08:00"),
        "a list": ["a", "b;c"],
    }
    none = len(ids) - 1
    columns = {name: pd.Series([value, *[None] * none], dtype=object) for name, value in first.items()}
    columns |= {
        "a integer": columns["a integer"].astype("Int64"),
        "a boolean": columns["a boolean"].astype("boolean"),
    }
    return gpd.GeoDataFrame(
        {"thing_id": ids, **columns}, geometry=[shapely.box(0, 0, 1, 1), *[None] * none], crs="EPSG:4326"
    )


def test_a_build_comes_back_as_it_is(address: str, town: Build) -> None:
    said = gridwalk("publish", town.workspace.root, address)
    assert said.exit_code == 0, said.output
    assert said.output.strip() == f"{len(town.layers()) + 1} tables in schema town"
    assert tables(address, "town") == {layer.id.replace("-", "_") for layer in town.layers()} | {"figures"}
    for layer in town.layers():
        built = town.frame(layer.id)
        table = layer.id.replace("-", "_")
        with connect(address) as connection:
            read = gpd.read_postgis(
                sql.text(f'SELECT * FROM town."{table}"'),  # noqa: S608 (a layer's own name)
                connection,
                geom_col="geometry",
            )
        assert rows(address, f"SELECT Find_SRID('town', '{table}', 'geometry')") == [(built.crs.to_epsg(),)]
        assert list(read.columns) == [*(field.name for field in layer.fields), "geometry"]
        assert shapely.equals(read.geometry.to_numpy(), built.geometry.to_numpy()).all()
        for field in layer.fields:
            was = [list(cell) if field.kind == "list" else cell for cell in built[field.name]]
            now = [*read[field.name]]
            assert [None if pd.isna(cell) is True else cell for cell in now] == [
                None if pd.isna(cell) is True else cell for cell in was
            ], field.name
    assert len(town.frame("grids")) == 4


def test_the_figures_are_those_of_the_report(address: str, town: Build) -> None:
    publishing.into_postgis(town, address, "figured")
    figures = [figure for layer in town.report["layers"] for figure in layer["figures"]]
    assert figures
    read = rows(address, "SELECT id, title_zh, value, unit, as_of::text, version FROM figured.figures")
    assert read == [
        (one["id"], one["title"]["zh"], one["value"], one["unit"], "2026-11-20", town.version) for one in figures
    ]


def test_every_kind_has_its_type_and_missing_is_null(address: str) -> None:
    assert postgis.publish(address, "kinds", [(things(), some(["x", "y"]))], []) == ("thing_s", "figures")
    full, empty = rows(address, "SELECT *, ST_SRID(geometry) FROM kinds.thing_s ORDER BY thing_id")
    moment = pd.Timestamp("2026-11-20T02:00:00.5Z").to_pydatetime()
    day = pd.Timestamp("2026-11-20").date()
    assert full[:8] == ("x", "it's; DROP TABLE %s 网格", 2**40, 0.1, False, day, moment, ["a", "b;c"])
    assert full[-1] == 4326
    assert empty == ("y", None, None, None, None, None, None, [], None, None)
    with connect(address) as connection:
        seen = sql.inspect(connection)
        assert seen.get_pk_constraint("thing_s", "kinds")["constrained_columns"] == ["thing_id"]
        assert seen.get_columns("thing_s", "kinds")[1]["comment"] == "词 · Word [m]"
        assert str(seen.get_table_comment("thing_s", "kinds")["text"]).startswith("词 · Word\n说明 · What it is\n")
    kinds = "SELECT type FROM geometry_columns WHERE f_table_schema = 'kinds'"
    assert rows(address, kinds) == [("MULTIPOLYGON",)]
    assert rows(
        address, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'kinds' AND indexdef LIKE '%USING gist%'"
    ) == [(1,)]


def test_publishing_again_replaces_rows_and_keeps_what_others_made(address: str) -> None:
    old = [(things(), some(["x", "y"])), (things("old"), some(["o"]))]
    postgis.publish(address, "again", old, [])
    do(address, "CREATE VIEW again.seen AS SELECT thing_id FROM again.thing_s", "CREATE TABLE again.mine ()")
    postgis.publish(address, "again", [(things(), some(["z"]))], [])
    assert rows(address, "SELECT * FROM again.seen") == [("z",)]
    assert tables(address, "again") == {"thing_s", "figures", "mine"}


def test_a_layer_that_changed_its_fields_is_made_anew(address: str) -> None:
    postgis.publish(address, "changed", [(things(), some(["x"]))], [])
    fewer = things(fields=things().fields[:2])
    do(address, 'CREATE VIEW changed.seen AS SELECT "a list" FROM changed.thing_s')
    with pytest.raises(GridwalkError, match=r"view changed\.seen depends on table changed\.thing_s"):
        postgis.publish(address, "changed", [(fewer, some(["y"]))], [])
    assert rows(address, "SELECT * FROM changed.seen") == [(["a", "b;c"],)]
    do(address, "DROP VIEW changed.seen")
    postgis.publish(address, "changed", [(fewer, some(["x"]))], [])
    assert rows(address, "SELECT thing_id FROM changed.thing_s") == [("x",)]
    with connect(address) as connection:
        names = [column["name"] for column in sql.inspect(connection).get_columns("thing_s", "changed")]
    assert names == ["thing_id", "a string", "geometry"]


def test_a_table_of_somebody_else_is_refused(address: str) -> None:
    do(
        address,
        "CREATE SCHEMA theirs",
        "CREATE TABLE theirs.figures AS SELECT 1 AS one",
        "CREATE TABLE theirs.own ()",
    )
    with pytest.raises(GridwalkError, match=r"theirs\.figures is not a table that gridwalk made"):
        postgis.publish(address, "theirs", [(things(), some(["x"]))], [])
    assert tables(address, "theirs") == {"figures", "own"}
    assert rows(address, "SELECT * FROM theirs.figures") == [(1,)]


def test_a_failure_midway_changes_nothing(address: str) -> None:
    postgis.publish(address, "midway", [(things(), some(["x"])), (things("two"), some(["x"]))], [])
    for bad in (some(["y", "y"]), some([None])):
        with pytest.raises(GridwalkError, match="PostgreSQL: "):
            postgis.publish(address, "midway", [(things(), some(["new"])), (things("three"), bad)], [])
    assert tables(address, "midway") == {"thing_s", "two", "figures"}
    assert rows(address, "SELECT thing_id FROM midway.thing_s") == [("x",)]


def test_a_reader_sees_the_old_rows_until_the_end(address: str) -> None:
    postgis.publish(address, "reader", [(things(), some(["old"]))], [])
    seen = []

    def layers() -> Iterator[tuple[Layer, gpd.GeoDataFrame]]:
        for layer in (things(), things("two"), things("three")):
            seen.append(rows(address, "SELECT thing_id FROM reader.thing_s"))
            yield layer, some(["new"])

    postgis.publish(address, "reader", layers(), [])
    assert seen == [[("old",)]] * 3
    assert rows(address, "SELECT thing_id FROM reader.thing_s") == [("new",)]


def test_a_private_layer_is_never_written(address: str) -> None:
    with pytest.raises(BadParameter, match="private"):
        postgis.publish(address, "homes", [(things(private=True), some(["x"]))], [])
    assert tables(address, "homes") == set()


def test_names_are_quoted(address: str) -> None:
    postgis.publish(address, 'a"b; DROP SCHEMA "c', [(things(), some(["x"]))], [])
    assert tables(address, 'a"b; DROP SCHEMA "c') == {"thing_s", "figures"}


@pytest.mark.parametrize("name", ["", "网" * 22])
def test_a_name_that_postgresql_would_cut_is_refused(name: str) -> None:
    with pytest.raises(BadParameter, match="1 to 63 bytes"):
        postgis.publish("postgresql://", name, [], [])


def test_a_database_without_postgis_is_told(server: str) -> None:
    with pytest.raises(GridwalkError, match="CREATE EXTENSION postgis"):
        postgis.publish(server.format("postgres"), "town", [], [])


@pytest.mark.parametrize("address", ["town.gpkg", "mysql://me@host/db", "postgresql://me@host:x/db"])
def test_another_kind_of_address_is_refused(address: str) -> None:
    with pytest.raises(BadParameter, match="postgresql://"):
        postgis.publish(address, "town", [], [])


def test_no_server_is_one_line_without_the_password(town: Build, tmp_path: Path) -> None:
    said = gridwalk("publish", town.workspace.root, f"postgresql://me:secret@/db?host={tmp_path}")
    assert said.exit_code == 1
    assert said.stderr.startswith("error: PostgreSQL: ")
    assert "secret" not in said.output


def test_without_the_extra_one_is_told_how_to_get_it(town: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("geo.store.postgis")
    monkeypatch.setitem(__import__("sys").modules, "geo.store.postgis", None)
    with pytest.raises(GridwalkError, match=r"pip install 'gridwalk\[postgis\]'"):
        publishing.into_postgis(town, "postgresql://")


def test_nothing_built_is_nothing_to_publish(tmp_path: Path) -> None:
    said = gridwalk("publish", found(tmp_path / "town"), "postgresql://")
    assert said.exit_code == 1
    assert "nothing has been built here yet" in said.stderr
