"""include/reports: what is wrong with a report is told with its file, line and field."""

import pytest

from watchbill.declare.load import load

BASE = {
    "dashboards/shop.yaml": "id: shop\ntitle: Shop\nwidgets: []\n",
    "alerting.yaml": "route: {receiver: team}\nreceivers:\n  - name: team\n    slack_configs: [{channel: '#ops'}]\n"
                     "  - name: nobody\n",
    "metrics/x.yaml": "metrics: []\n",
}
SOUND = "reports:\n  - name: daily\n    dashboard: shop\n    schedule: 0 8 * * *\n    receivers: team\n"


def findings(folder, text: str, **files: str) -> list[str]:
    for name, content in ({**BASE, "reports/r.yaml": text} | files).items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(content)
    return [str(one) for one in load(folder, {}).findings if one.file.startswith("reports/")]


def test_a_sound_report_is_read(tmp_path):
    assert findings(tmp_path, SOUND) == []
    (report,) = load(tmp_path, {}).reports
    assert (report.name, report.receivers, report.timezone, report.width) == ("daily", ("team",), "UTC", 1600)


@pytest.mark.parametrize(("line", "wrong", "says"), [
    ("dashboard: shop", "dashboard: shpo", "reports/r.yaml:3: reports[0].dashboard: there is no dashboard `shpo`"),
    ("receivers: team", "receivers: [team, taem]", "did you mean `team`?"),
    ("receivers: team", "receivers: nobody", "receiver `nobody` has no channel"),
    ("receivers: team", "receivers: []", "write at least one"),
    ("schedule: 0 8 * * *", "schedule: 0 8 * *", "is no cron expression"),
    ("schedule: 0 8 * * *", "schedule: 0 25 * * *", "is no cron expression"),
    ("schedule: 0 8 * * *", "schedule: 0 8 * * *\n    timezone: Europe/Berlln", "is no time zone"),
    ("schedule: 0 8 * * *", "schedule: 0 8 * * *\n    width: 20", "width"),
    ("schedule: 0 8 * * *", "schedule: 0 8 * * *\n    recievers: x", "did you mean `receivers`?"),
    ("schedule: 0 8 * * *", "schedule: 0 8 * * *\n    start: 3 days", "is no duration"),
])
def test_what_is_wrong_is_told_where_it_stands(tmp_path, line, wrong, says):
    found = findings(tmp_path, SOUND.replace(line, wrong))
    assert any(says in one for one in found), found


def test_two_of_one_name_are_one_too_many(tmp_path):
    found = findings(tmp_path, SOUND + SOUND.removeprefix("reports:\n"))
    assert any("report `daily` is there twice" in one for one in found)
    assert len(load(tmp_path, {}).reports) == 1
