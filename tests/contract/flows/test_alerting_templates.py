"""Templates and labels of alerting.yaml on their way from the file to the message."""

from tests.contract.flows.world import ALERTING, World
from watchbill.alerts.ledger import Ledger
from watchbill.model.alerts import Channel
from watchbill.model.templates.rendering import render

RECEIVER = {"name": "ops", "labels": {"team": "shop"}, "slack_configs": [
    {"channel": "#{{ .CommonLabels.service }}", "send_resolved": True,
     "title": "{{ .RouteLabels.unit }} {{ .Status }}: {{ len .Alerts.Firing }}"}]}


def _world(ledger: Ledger) -> World:
    route = {**ALERTING["route"], "labels": {"unit": "unit of {{ .GroupLabels.alertname }}"}}
    world = World(ledger, alerting={**ALERTING, "route": route, "receivers": [RECEIVER, {"name": "quiet"}]})
    world.lake.put("checkout", 0, 200)
    world.lake.put("checkout", 5, 0, minutes=20)
    return world


def test_a_message_carries_its_templates_and_the_labels_of_its_route_until_it_has_resolved(ledger: Ledger) -> None:
    world = _world(ledger)
    for minute in (5, 10, 15):
        world.tick(minute)
    assert [one.channel for one in world.vendor.taken] == [Channel("slack", "#checkout", "slack_api_default", {
        "title": "{{ RouteLabels.unit }} {{ Status }}: {{ Alerts.Firing|length }}",
        "route_labels": {"unit": "unit of {{ GroupLabels.alertname }}"},
        "receiver_labels": {"team": "shop", "name": "ops"},
    })] * 2
    assert [render(one.channel.options["title"], one) for one in world.vendor.taken] == [
        "unit of Errors firing: 1", "unit of Errors resolved: 0"]


def test_an_address_that_a_template_does_not_make_is_a_dead_letter(ledger: Ledger) -> None:
    receiver = {**RECEIVER, "slack_configs": [{"channel": "{{ .CommonLabels.nobody }}"}]}
    world = World(ledger, alerting={**ALERTING, "receivers": [receiver, {"name": "quiet"}]})
    world.lake.put("checkout", 0, 200)
    [report] = world.tick(5)
    assert (world.vendor.taken, [one["error"] for one in report.dead]) == (
        [], ["the address is empty: {{ CommonLabels.nobody }}"])
