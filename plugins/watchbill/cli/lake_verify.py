"""`watchbill lake verify`: every file opened; what is damaged is named and, if asked, set aside. 1 where any is."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchbill.cli.lake_place import Url, open_lake
from watchbill.cli.options import HERE, Include, Json, told_errors
from watchbill.cli.printing import counted, print_json, shown
from watchbill.model.series import SOURCES
from watchbill.model.windows import Window

if TYPE_CHECKING:
    from watchbill.lake.verify import Fault

Aside = Annotated[bool, typer.Option(
    "--quarantine", help="Move damaged files to quarantine/ in the lake; their time then counts as not collected.")]


def verify(quarantine: Aside = False, include: Include = HERE, url: Url = "", as_json: Json = False) -> None:
    """Open every file of the lake and name those that are not what was written.

    Checked are the digest in the name, that rows are sorted and there once, that points lie inside the window in
    the name, and that every series has a name.

    Ends with 1 where a file is damaged, also when it was set aside.
    """
    with told_errors():
        lake = open_lake(include, url)
        verified = lake.verify()
        moved = lake.quarantine(verified.faults) if quarantine else []
    again = _again(moved)
    if as_json:
        print_json({"ok": not verified.faults, "files": verified.files, "collect_again": again,
                    "faults": [_told(fault, moved) for fault in verified.faults]})
    else:
        for fault in verified.faults:
            typer.echo(shown(f"{fault.file.path}: {fault.problem}"))
        for lost in again:
            typer.echo(f"not collected any more: {lost['source']} {lost['start']} to {lost['end']}")
        typer.echo(_summary(verified.files, verified.faults, moved))
    if verified.faults:
        raise typer.Exit(1)


def _told(fault: "Fault", moved: list["Fault"]) -> dict[str, Any]:
    return {"file": fault.file.path, "problem": fault.problem, "damaged": fault.damaged,
            "quarantined": fault in moved}


def _again(moved: list["Fault"]) -> list[dict[str, Any]]:
    """The time that the files were of, in as few windows as can be: backfill_metrics collects it again."""
    from watchbill.lake.layout import merge

    lost: list[dict[str, Any]] = []
    for source in SOURCES:
        windows: list[Window] = [fault.lost for fault in moved if fault.lost and fault.file.source == source]
        lost += [{"source": source, "start": shown(window.start), "end": shown(window.end)}
                 for window in merge(windows)]
    return lost


def _summary(files: int, faults: "tuple[Fault, ...]", moved: list["Fault"]) -> str:
    damaged = sum(fault.damaged for fault in faults)
    words = f"{counted(files, 'file')} opened, {damaged} damaged"
    if moved:
        return f"{words}, {len(moved)} set aside in quarantine/: collect their time again with backfill_metrics"
    return f"{words}; --quarantine sets them aside, to be collected again" if damaged else words
