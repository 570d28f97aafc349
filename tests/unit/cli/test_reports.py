"""`watchbill reports preview`, as people run it."""

import json
import shutil

from tests.unit.cli.terminal import ROOT, watchbill
from tests.unit.flows.test_draw_dashboard import Filled


def test_a_preview_writes_what_each_channel_would_get_and_sends_nothing(tmp_path):
    Filled(tmp_path / "lake").put([3.0] * 60, service="checkout")
    shutil.copytree(ROOT / "include", tmp_path / "include")
    (tmp_path / "include/reports").mkdir(exist_ok=True)
    (tmp_path / "include/reports/r.yaml").write_text(
        "reports: [{name: daily, dashboard: service-overview, schedule: 0 8 * * *, receivers: on-call, width: 400}]\n")
    said = watchbill("reports", "preview", "daily", "--lake", "lake", "--now", "2026-03-02T12:00:00Z", cwd=tmp_path)
    assert said.code == 0, said.err
    assert said.out.split() == ["preview/daily.png", "preview/1-slack.json", "preview/2-email.txt",
                                "preview/2-email.html", "preview/3-sns.json"]
    slack = json.loads((tmp_path / "preview/1-slack.json").read_text())
    assert [block["type"] for block in slack["blocks"]] == ["header", "context", "image", "section"]
    assert "Errors a minute: checkout 3" in (tmp_path / "preview/2-email.txt").read_text()
    assert 'src="daily.png"' in (tmp_path / "preview/2-email.html").read_text()
    missing = watchbill("reports", "preview", "weekly", "--lake", "lake", cwd=tmp_path)
    assert (missing.code, "there is no report weekly; there are daily" in missing.err) == (1, True)
