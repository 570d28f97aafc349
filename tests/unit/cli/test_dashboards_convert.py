"""`watchbill dashboards convert`, as people call it."""

import json
from pathlib import Path
from typing import Any

from tests.unit.cli.terminal import watchbill

BOARD: dict[str, Any] = {"title": "Gitea", "layout_type": "ordered", "widgets": [
    {"definition": {"type": "note", "content": "# Gitea"}, "layout": {"x": 0, "y": 0, "width": 12, "height": 1}},
    {"definition": {"type": "heatmap", "title": "Load by host", "requests": [{"q": "avg:gitea.load{*} by {host}"}]},
     "layout": {"x": 0, "y": 1, "width": 6, "height": 3}},
    {"definition": {"type": "image", "url": "https://example.com/a.png"},
     "layout": {"x": 6, "y": 1, "width": 6, "height": 3}}]}


def written(folder: Path, name: str, body: object = BOARD) -> Path:
    file = folder / name
    file.write_text(json.dumps(body))
    return file


def test_a_file_is_printed_for_the_other_cloud_and_reported(tmp_path: Path):
    said = watchbill("dashboards", "convert", written(tmp_path, "gitea.json"), "--to", "cloudwatch", cwd=tmp_path)
    assert said.code == 0, said.err
    body = json.loads(said.out)
    assert body["widgets"][0] == {"type": "text", "x": 0, "y": 0, "width": 24, "height": 1,
                                  "properties": {"markdown": "# Gitea"}}
    assert [one["properties"].get("title") for one in body["widgets"]] == [None, "Load by host"]
    assert said.err == """\
gitea: 2 widgets for CloudWatch: 1 whole, 1 lossy, 0 impossible, 0 raw; 1 beside that neither metrics, logs nor texts
  lossy      widgets.1 heatmap Load by host
             is drawn as lines, one for each series, not as a heat map
  raw        widgets.2 image
             is of a kind that is Datadog's own (image)
"""


def test_several_files_go_into_a_folder_and_are_counted(tmp_path: Path):
    written(tmp_path, "one.json")
    written(tmp_path, "two.json")
    said = watchbill("dashboards", "convert", tmp_path, "--to", "cloudwatch", "-o", tmp_path / "made", "--yaml",
                     cwd=tmp_path)
    assert said.code == 0, said.err
    assert sorted(file.name for file in (tmp_path / "made").iterdir()) == ["one.yaml", "two.yaml"]
    assert said.out.splitlines() == [
        "kind     whole  lossy  impossible  raw",
        "heatmap      0      2           0    0",
        "image        0      0           0    2",
        "note         2      0           0    0",
        "",
        "4 widgets of metric, log, text: 2 whole, 2 lossy, 0 impossible, 0 raw; 2 beside that neither metrics, logs nor"
        " texts",
        "whole 50%, whole or lossy 100%",
    ]


def test_a_declaration_that_was_written_is_converted_again(tmp_path: Path):
    file = written(tmp_path, "gitea.json")
    declared = watchbill("dashboards", "convert", file, "--to", "cloudwatch", "--yaml", cwd=tmp_path)
    (tmp_path / "gitea.yaml").write_text(declared.out)
    again = watchbill("dashboards", "convert", "gitea.yaml", "--to", "datadog", "--json", cwd=tmp_path)
    assert again.code == 0, again.err
    assert json.loads(again.out)["totals"]["whole"] == 2


def test_what_is_no_dashboard_or_for_that_cloud_already_is_refused(tmp_path: Path):
    file = written(tmp_path, "gitea.json")
    for arguments, told in ((("gitea.json", "--to", "datadog"), "gitea is a dashboard of Datadog already"),
                            (("none.json", "--to", "datadog"), "none.json cannot be read"),
                            ((str(written(tmp_path, "list.json", [])), "--to", "datadog"), "list is no dashboard")):
        said = watchbill("dashboards", "convert", *arguments, cwd=file.parent)
        assert (said.code, said.out) == (1, "")
        assert told in said.err
