"""Stories of `watchbill metrics`, as they are read in a terminal, with the small cloud behind the connections."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.credentials import AWS_ACCOUNT, OTHER_ACCOUNT
from sandbox.server import Sandbox
from sandbox.stack.airflow import connections
from tests.sandbox_fixtures import sandbox, sandbox_server  # noqa: F401 - fixtures
from tests.unit.cli.terminal import Said, watchbill
from watchbill.declare.load import load
from watchbill.flows.resolve_metrics import asks_a_month

pytestmark = pytest.mark.server
AGO = datetime.now(UTC).timestamp() - 600

METRICS = """\
metrics:
  - name: errors
    sources: [cloudwatch, datadog]
    namespace: shop
    metrics: [errors, requests]
    statistics: [Sum, Average]
    dimensions: {service: "*"}
    period: 60s
  - name: rate
    sources: cloudwatch
    namespace: shop
    metrics: rate
    expression: errors / requests
    queries:
      errors: {metric: errors, statistic: Sum, dimensions: {service: checkout}}
      requests: {metric: requests, statistic: Sum, dimensions: {service: checkout}}
    period: 1h
  - name: nothing
    sources: cloudwatch
    namespace: shop
    metrics: absent
    dimensions: {service: "*"}
    period: 60s
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "include" / "metrics").mkdir(parents=True)
    (tmp_path / "include" / "metrics" / "shop.yaml").write_text(METRICS)
    return tmp_path


@pytest.fixture
def environ(folder: Path, sandbox: Sandbox) -> dict[str, str]:  # noqa: F811
    for metric in ("errors", "requests"):
        for service in ("checkout", "search"):
            sandbox.cloudwatch.put("shop", metric, {"service": service}, [AGO], [1.0])
        sandbox.datadog.put(f"shop.{metric}", {"service": "checkout"}, [AGO], [1.0])
    sandbox.cloudwatch.put("shop", "total", {}, [AGO], [1.0])
    return connections("", sandbox.url, sandbox.aws_url) | {"AIRFLOW_HOME": str(folder / "home")}


def test_all_entries_are_summed_up(folder: Path, environ: dict[str, str]):
    assert watchbill("metrics", "show", cwd=folder, **environ) == Said(0, (
        "entry    source      target           series  a month\n"
        "errors   cloudwatch  aws_default           8  $0.35\n"
        "errors   datadog     datadog_default       4  $0.00\n"
        "rate     cloudwatch  aws_default           1  $0.03\n"
        "nothing  cloudwatch  aws_default           0  $0.00\n"
        "total                                     13  $0.37\n"
        "18,720 calls a month, at a tick of 5m\n"
        "warning: nothing: CloudWatch in eu-west-1 lists no metric shop/absent with exactly the dimensions service\n"
        ), "")


def test_series_of_an_entry_are_listed_with_their_tags(folder: Path, environ: dict[str, str],
                                                       sandbox: Sandbox):  # noqa: F811
    said = watchbill("metrics", "show", "rate", "nothing", cwd=folder, **environ)
    assert said.out.splitlines()[-3:] == [
        "entry  account       region     metric     statistic   dimensions  tags",
        f"rate   {AWS_ACCOUNT}  eu-west-1  shop/rate  Expression",
        "warning: nothing: CloudWatch in eu-west-1 lists no metric shop/absent with exactly the dimensions service"]
    assert ("cloudwatch", "GetMetricData") not in sandbox.faults.calls


def test_programs_get_every_series_as_json(folder: Path, environ: dict[str, str]):
    told = json.loads(watchbill("metrics", "show", "errors", "--json", cwd=folder, **environ).out)
    assert told["tick"] == "5m"
    assert told["total"] == {"calls_a_month": 8640 * 2, "billed_metrics_a_month": 8640 * 4, "dollars_a_month": 0.3456}
    [aws, datadog] = told["entries"]
    assert [(one["metric"], one["statistic"], one["dimensions"]) for one in aws["series"]] == [
        (metric, statistic, {"service": service}) for metric in ("errors", "requests")
        for service in ("checkout", "search") for statistic in ("Sum", "Average")]
    assert {one["groups"][0] for one in datadog["series"]} == {"service"}


def test_an_entry_that_is_not_there_is_told(folder: Path, environ: dict[str, str]):
    said = watchbill("metrics", "show", "erors", cwd=folder, **environ)
    assert (said.code, said.out) == (1, "")
    assert said.err == "watchbill: no metric entry is called erors; there are errors, nothing, rate\n"


def test_what_a_namespace_has_is_printed_as_entries_that_check_takes(folder: Path, environ: dict[str, str]):
    said = watchbill("metrics", "discover", "shop", cwd=folder, **environ)
    assert said == Said(0, """\
metrics:
  # 1 metric
  - name: shop
    sources: cloudwatch
    namespace: shop
    metrics: [total]
    period: 1m

  # 4 metrics, as service=checkout; service=search
  - name: shop-service
    sources: cloudwatch
    namespace: shop
    metrics: [errors, requests]
    dimensions: {service: '*'}
    period: 1m
""", "")
    (folder / "include" / "metrics" / "shop.yaml").write_text(said.out)
    declared = load(folder / "include", {})
    assert (declared.findings, [entry.name for entry in declared.metrics]) == ((), ["shop", "shop-service"])
    assert watchbill("check", cwd=folder, **environ).code == 0


def test_other_accounts_regions_and_connections_stand_in_what_is_printed(
    folder: Path, environ: dict[str, str], sandbox: Sandbox,  # noqa: F811
):
    sandbox.link(OTHER_ACCOUNT)
    sandbox.cloudwatch_of(OTHER_ACCOUNT).put("AWS/S3", "BucketSizeBytes", {
        "BucketName": "a: b", "StorageType": "StandardStorage"}, [AGO], [1.0])
    environ["AIRFLOW_CONN_AWS_MAIN"] = environ["AIRFLOW_CONN_AWS_DEFAULT"]
    words = ("metrics", "discover", "AWS/S3", "--all-accounts", "--connection", "aws_main")
    [found] = json.loads(watchbill(*words, "--region", "eu-west-1", "--json", cwd=folder, **environ).out)
    assert found == {"series": 1, "examples": ["BucketName=a: b StorageType=StandardStorage"], "entry": {
        "name": "aws-s3-bucketname-storagetype", "sources": "cloudwatch", "connections": {"cloudwatch": "aws_main"},
        "regions": "eu-west-1", "linked_accounts": True, "namespace": "AWS/S3", "metrics": ["BucketSizeBytes"],
        "dimensions": {"BucketName": "*", "StorageType": "*"}, "period": "1d", "delay": "3d"}}
    (folder / "include" / "metrics" / "shop.yaml").write_text(watchbill(*words, cwd=folder, **environ).out)
    assert load(folder / "include", {}).findings == ()


def test_metrics_of_datadog_are_queries(folder: Path, environ: dict[str, str]):
    said = watchbill("metrics", "discover", "shop.", "--source", "datadog", cwd=folder, **environ)
    (folder / "include" / "metrics" / "shop.yaml").write_text(said.out)
    declared = load(folder / "include", {})
    assert declared.findings == ()
    assert [(entry.name, entry.query) for entry in declared.metrics] == [
        ("shop-errors-datadog", "avg:shop.errors{*}"), ("shop-requests-datadog", "avg:shop.requests{*}")]


def test_a_namespace_that_has_nothing_is_told(folder: Path, environ: dict[str, str]):
    assert watchbill("metrics", "discover", "Shop", cwd=folder, **environ) == Said(
        1, "", "watchbill: aws_default has no metrics of Shop\n")


@pytest.mark.parametrize(("period", "delay", "asks"), [
    (60, 120, 8640), (300, 0, 8640), (600, 0, 4320), (3600, 0, 720), (3600, 120, 1440), (3600, 360, 1440),
    (86_400, 3 * 86_400, 30), (86_400, 120, 60)])
def test_a_longer_period_is_asked_for_when_it_is_over_and_when_it_has_settled(period: int, delay: int, asks: int):
    assert asks_a_month(*(timedelta(seconds=one) for one in (period, 300, delay))) == asks
