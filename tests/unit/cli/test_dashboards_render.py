"""`watchbill dashboards render`, as people run it."""

from pathlib import Path

from tests.unit.cli.terminal import ROOT, watchbill
from tests.unit.flows.test_draw_dashboard import Filled

NOW = ("--now", "2026-03-02T12:00:00Z")


def filled(folder: Path) -> Path:
    Filled(folder).put([3.0] * 60, service="checkout")
    return folder


def test_a_declared_dashboard_becomes_a_png(tmp_path):
    lake = filled(tmp_path / "lake")
    said = watchbill("dashboards", "render", "service-overview", "-i", ROOT / "include", "--lake", lake, *NOW,
                     "--width", "800", cwd=tmp_path)
    assert (said.code, said.out) == (0, "service-overview.png\n"), said.err
    png = (tmp_path / "service-overview.png").read_bytes()
    assert (png[:4], int.from_bytes(png[16:20])) == (b"\x89PNG", 800)


def test_a_file_need_not_be_in_use(tmp_path):
    lake = filled(tmp_path / "lake")
    (tmp_path / "new.yaml").write_text("id: new\ntitle: New\nwidgets: [{type: text, markdown: hello}]\n")
    said = watchbill("dashboards", "render", "new.yaml", "-o", "out.svg", "--lake", lake, "--start", "7d", *NOW,
                     cwd=tmp_path)
    assert (said.code, said.out) == (0, "out.svg\n"), said.err
    assert "<!-- hello -->" in (tmp_path / "out.svg").read_text()


def test_what_is_wrong_is_a_sentence(tmp_path):
    lake = filled(tmp_path / "lake")
    said = watchbill("dashboards", "render", "none", "-i", ROOT / "include", "--lake", lake, cwd=tmp_path)
    assert said.code == 1
    assert "there is no dashboard and no file none; dashboards are machine, service-overview" in said.err
    (tmp_path / "bad.yaml").write_text("id: bad\ntitle: Bad\nwidgetz: []\n")
    said = watchbill("dashboards", "render", "bad.yaml", "--lake", lake, cwd=tmp_path)
    assert said.code == 1
    assert "bad.yaml:3" in said.err
    said = watchbill("dashboards", "render", "service-overview", "-i", ROOT / "include", "--lake", lake, "-o",
                     "no/such/x.png", cwd=tmp_path)
    assert (said.code, "cannot be written" in said.err) == (1, True)
