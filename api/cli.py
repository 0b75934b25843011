"""The command ``gridwalk``: from a person's files to boards and an API.

What costs time to import is imported where it is used: ``gridwalk --help`` answers at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.terminal import Format, bars, both, language, show_faults, show_findings, tell, told
from geo.errors import GridwalkError
from geo.words import say

if TYPE_CHECKING:
    from geo.service import Build
    from geo.workspace import Workspace

app = typer.Typer(
    name="gridwalk",
    help="Is every piece of ground looked after? · 每一块地都有人管吗？",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Where = Annotated[Path, typer.Argument(help="Workspace folder · 工作区文件夹")]
Paper = Literal["A3", "A4"]
Sheets = Literal["pdf", "png"]
Language = Literal["zh", "en"]
Out = Annotated[Path | None, typer.Option(help="Results folder, default WORKSPACE/out · 结果文件夹")]
SetAside = Annotated[
    bool, typer.Option("--set-aside", help="Go on without the rows that have errors · 剔除有错误的行后继续")
]


@app.command()
def demo(
    name: Annotated[str, typer.Argument(help="saihan, chayouzhong, porto-alegre, inner-mongolia")],
    folder: Annotated[Path, typer.Argument(help="New folder · 新文件夹")],
) -> None:
    """Copy a sample workspace · 复制一个示例工作区"""
    from geo.io.samples import copy_sample

    with told():
        copy_sample(name, folder)
    tell("copied", name=name, folder=folder)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="New folder · 新文件夹")],
    files: Annotated[list[Path], typer.Argument(help="Your files · 您的文件")],
) -> None:
    """Make a workspace from your files, guessing tables, columns and CRS · 由您的文件建立工作区"""
    from geo.io.guess import init_workspace

    with told():
        init_workspace(folder, files)
    tell("initialised", folder=folder)


@app.command()
def templates(folder: Annotated[Path, typer.Argument(help="Folder · 文件夹")]) -> None:
    """Write blank spreadsheets with Chinese headings · 生成中文表头的空白表格"""
    from geo.io.templates import write_templates

    with told():
        written = write_templates(folder)
    tell("templates", count=len(written), folder=folder)


@app.command()
def check(
    workspace: Where,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON · 输出 JSON")] = False,
    out: Out = None,
) -> None:
    """List all that is wrong with data and ground; exit 1 on an error or FAIL · 检查数据与网格"""
    import orjson

    from geo import service

    with told(), bars() as progress:
        result = service.check(_open(workspace), out=out, progress=progress)
    if as_json:
        typer.echo(orjson.dumps(result, option=orjson.OPT_INDENT_2).decode())
    else:
        show_faults(result["faults"])
        show_findings(result["findings"])
        tell("verdict", verdict=say(f"verdict.{result['verdict']}", language()))
    if result["verdict"] == "FAIL":
        raise typer.Exit(1)


@app.command()
def build(
    workspace: Where,
    out: Out = None,
    only: Annotated[list[str] | None, typer.Option(help="Layer id, repeatable · 图层，可重复")] = None,
    set_aside: SetAside = False,
    cluster: Annotated[
        str | None, typer.Option(help="Build on dask, tcp://host:8786 · 在 dask 集群上计算")
    ] = None,
) -> None:
    """Build layers, boards and the report · 生成图层、看板和报告"""
    from api import publishing

    with told(), bars() as progress:
        made, changed = publishing.build(
            _open(workspace), out=out, only=only or (), set_aside=set_aside, cluster=cluster, progress=progress
        )
    if changed:
        show_faults([fault for fault in made.report["faults"] if fault["level"] != "info"])
        tell("built", count=len(made.layers()), folder=made.out)
    else:
        tell("unchanged", folder=made.out)


@app.command()
def serve(
    workspaces: Annotated[list[Path], typer.Argument(help="Workspace folders · 工作区文件夹")],
    host: Annotated[str, typer.Option(help="Address · 地址")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port · 端口")] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="Processes · 进程数")] = 1,
) -> None:
    """Build what has changed, then serve boards and the API · 生成并提供看板与接口"""
    from api import serving

    with told():
        for folder in workspaces:
            workspace = _open(folder)
            with bars() as progress:
                serving.prepare(workspace, progress)
        serving.run(workspaces, host=host, port=port, workers=workers)


@app.command()
def publish(
    workspace: Where,
    database: Annotated[str, typer.Argument(help="postgresql://user@host/database")],
    schema: Annotated[
        str | None, typer.Option(help="Default: the workspace's id · 模式名，默认为工作区 id")
    ] = None,
    out: Out = None,
) -> None:
    """Write the built layers into PostGIS · 将已生成的图层写入 PostGIS"""
    from api import publishing

    with told(), bars() as progress:
        made = _built(workspace, out)
        tables = publishing.into_postgis(made, database, schema, progress)
    tell("published", count=len(tables), schema=tables[0].rpartition(".")[0])


@app.command()
def export(
    workspace: Where,
    to: Annotated[Path, typer.Option(help="Folder for the files · 存放文件的文件夹")],
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="LAYER", help="Default: all of the build · 默认全部图层")
    ] = None,
    format: Annotated[Format, typer.Option(help="Kind of files · 文件格式")] = "xlsx",
    service: Annotated[
        str,
        typer.Option(
            help="https://…: rows of workbooks link to their place on a board there · 服务地址，表中各行可点开看图"
        ),
    ] = "",
    out: Out = None,
) -> None:
    """Write the built layers as tables, GeoJSON, GPX or tiles · 将图层导出为表格、GeoJSON、GPX 或矢量瓦片"""
    from api import publishing

    with told(), bars() as progress:
        written = publishing.export(
            _built(workspace, out), ids or (), to, format, language(), progress, service=service
        )
    tell("exported", count=len(written), folder=to)


@app.command()
def maps(
    workspace: Where,
    board: Annotated[
        list[str] | None, typer.Option(help="Board id, repeatable; default all · 看板，可重复，默认全部")
    ] = None,
    holder: Annotated[
        list[str] | None,
        typer.Option(
            help="Patrol board of this holder alone: id of a post, division, segment or person, repeatable · "
            "只含该单位的巡边图：派出所、区划、管段或人员编号，可重复"
        ),
    ] = None,
    each_holder: Annotated[
        bool, typer.Option("--each-holder", help="The same for every post that holds something · 每个派出所各一份")
    ] = False,
    to: Annotated[Path, typer.Option(help="Folder for the files · 存放文件的文件夹")] = Path(),
    out: Out = None,
) -> None:
    """Write boards as files that need no network, for a memory stick or a phone · 导出离线看板，可拷入手机"""
    from api import board_files

    with told(), bars() as progress:
        made = _built(workspace, out)
        if holder or each_holder:
            for id in board or ():
                if id != board_files.OF_HOLDERS:
                    raise GridwalkError(say("cli.maps_holder", language(), id=id))
            written = board_files.write_holders(
                made, holder or (), to, language(), progress, everybody=each_holder
            )
        else:
            written = board_files.write_boards(made, board or (), to, language(), progress)
    tell("maps_files", count=len(written), folder=to.resolve())


@app.command()
def repair(
    workspace: Where,
    to: Annotated[Path, typer.Option(help="Folder for the files · 存放文件的文件夹")],
) -> None:
    """Write all grids as a repair would have them, and its ledger; yours stay · 导出修补建议与清单，原文件不动"""
    from api import mended

    with told(), bars() as progress:
        made = mended.write_repair(_open(workspace), to, language(), progress)
    tell("mended", **made._asdict())


@app.command(name="print")
def print_board(
    workspace: Where,
    board: Annotated[str, typer.Option(help="Board id · 看板")] = "planner",
    paper: Annotated[Paper, typer.Option(help="Size of the sheets · 纸张")] = "A3",
    format: Annotated[Sheets, typer.Option(help="One PDF, or one PNG a sheet · 文件格式")] = "pdf",
    theme: Annotated[
        list[str] | None,
        typer.Option(help="Theme, or list: the patrol list; repeatable, default all · 专题，可重复，默认全部"),
    ] = None,
    view: Annotated[
        str, typer.Option(help="Level, layer id or number, where a theme has several · 层级、图层或序号")
    ] = "",
    lang: Annotated[Language | None, typer.Option(help="zh, en; default yours · 语言，默认随系统")] = None,
    portrait: Annotated[
        bool | None,
        typer.Option("--portrait/--landscape", help="Default: as the map becomes larger · 默认取地图较大者"),
    ] = None,
    holder: Annotated[str, typer.Option(help="Of the patrol board: id of a post · 派出所编号，仅巡边图")] = "",
    service: Annotated[
        str, typer.Option(help="https://…: the code on the sheet leads to the board there · 服务地址，写入二维码")
    ] = "",
    to: Annotated[Path, typer.Option(help="File or folder · 文件或文件夹")] = Path(),
    out: Out = None,
) -> None:
    """Print a board as sheets for the wall: PDF or PNG, A3 or A4 · 将看板打印成图"""
    from api import sheets_out

    with told():
        written = sheets_out.write_sheets(
            _built(workspace, out),
            board,
            to,
            paper=paper,
            format=format,
            themes=theme or (),
            view=view,
            lang=lang or language(),
            portrait=portrait,
            holder=holder,
            service=service,
        )
    for path in written:
        typer.echo(path)


@app.command(name="forget-tracks")
def forget_tracks(
    workspace: Where,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask · 不再询问")] = False,
    set_aside: SetAside = False,
    out: Out = None,
) -> None:
    """Keep what GPS tracks were credited with, and delete the tracks · 保留认定结果，删除原始轨迹"""
    from geo.forget import files_to_forget
    from geo.forget import forget_tracks as forget

    with told():
        opened = _open(workspace)
        files = files_to_forget(opened)
        if not yes:
            typer.confirm(both("forget_ask", files=", ".join(files)), abort=True)
        with bars() as progress:
            done = forget(opened, out=out, set_aside=set_aside, progress=progress)
    if done.visits_file:
        typer.echo(both("tracks_kept", count=done.visits, patrols=done.patrols, file=done.visits_file))
    typer.echo(both("tracks_gone", files=", ".join(done.files), copies=done.snapshots))


@app.command()
def border(
    workspace: Where,
    km: Annotated[float | None, typer.Option(help="Who holds this kilometre · 该公里由谁负责")] = None,
    border_id: Annotated[str | None, typer.Option("--border", help="Default: all · 边界，默认全部")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON · 输出 JSON")] = False,
    out: Out = None,
) -> None:
    """Which kilometres are nobody's, held twice, or overdue; who holds one · 边界责任与逾期"""
    import orjson

    from api import frontier, publishing
    from geo import service

    with told():
        place = _open(workspace)
        made = service.open_build(place, out)
        if made is None:
            with bars() as progress:
                made, _ = publishing.build(place, out=out, progress=progress)
        answer = frontier.summary(made, frontier.opened(made), km, border_id)
    if as_json:
        typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo("\n".join(frontier.lines_of(answer, language())))


@app.command()
def compare(
    workspace: Where,
    against: Annotated[
        str | None,
        typer.Argument(
            metavar="WITH",
            help="Its version or results folder, default: the build before · 版本号或结果文件夹，默认上一次",
        ),
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="List the builds that are kept · 列出保留的版本")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON · 输出 JSON")] = False,
    out: Out = None,
) -> None:
    """What got better and what got worse since another build · 与先前版本相比的变化"""
    import orjson

    from api import compared

    with told():
        made = _built(workspace, out)
        answer: object
        if listing:
            answer = compared.kept(made.workspace, out)
            lines = compared.kept_lines(answer, language())
        else:
            answer = compared.summary(compared.other_build(made.workspace, out, against), made)
            lines = [] if as_json else compared.lines_of(answer, language())
    typer.echo(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() if as_json else "\n".join(lines))


@app.command()
def layers() -> None:
    """List what can be asked for · 列出全部图层"""
    from rich.console import Console
    from rich.table import Table

    from geo.catalogue import LAYERS, missing_tables

    table = Table("id", "中文", "English", "tables · 数据表")
    for layer in LAYERS:
        if not layer.private:
            table.add_row(layer.id, layer.title.zh, layer.title.en, ", ".join(missing_tables(layer, ())))
    Console().print(table)


def main() -> None:
    """Run the command."""
    app()


def _built(folder: Path, out: Path | None) -> Build:
    from geo import service

    made = service.open_build(_open(folder), out)
    if made is None:
        raise GridwalkError(say("cli.not_built", language(), folder=folder))
    if lacking := made.lacking():
        raise GridwalkError(say("cli.outdated", language(), folder=folder, lacking=", ".join(lacking)))
    if not service.is_current(made):
        built = made.published.astimezone().strftime("%Y-%m-%d %H:%M") if made.published else "?"
        typer.echo(say("cli.stale", language(), folder=folder, built=built), err=True)
    return made


def _open(folder: Path) -> Workspace:
    from geo.workspace import open_workspace

    return open_workspace(folder)
