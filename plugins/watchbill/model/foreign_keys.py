"""Keys of Alertmanager that have no place here: each is refused with the way out, and never passed over in silence."""

from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from watchbill.model.declared import Declared


def _refused(why: str) -> BeforeValidator:
    def refuse(_: Any) -> Any:
        raise ValueError(why)
    return BeforeValidator(refuse)


Credential = Annotated[None, _refused(
    "credentials do not belong in this file: use an Airflow connection and name it, "
    "for example `connection: slack_api_default` or `connection: aws_default`")]
Relay = Annotated[None, _refused(
    "mail goes through Amazon SES with an Airflow connection: leave this key out and name the connection, "
    "for example `connection: aws_default`")]
Http = Annotated[None, _refused(
    "proxies, certificates and addresses are of the connection: leave this key out and write them into the Extra "
    "of the Airflow connection")]
Addressee = Annotated[None, _refused(
    "Watchbill publishes to topics only: subscribe the phone or the endpoint to a topic and name its `topic_arn`")]
Unanswered = Annotated[None, _refused(
    "no application of Watchbill's answers to this: give the action an `url`, or leave the key out")]
Timeout = Annotated[None, _refused("what is not delivered in time is tried again by itself: leave this key out")]
NotObeyed = Annotated[None, _refused("Watchbill does not obey this key of Alertmanager: leave it out")]


Other = Annotated[None, _refused(
    "Watchbill sends to Slack channels, mail addresses and SNS topics: use `slack_configs`, `email_configs` or "
    "`sns_configs` (a topic can pass on to a webhook, and most on-call services take its messages or mail)")]


class Block(Declared):
    """A block of alerting.yaml: a key without a value counts as absent, as in Alertmanager."""

    @model_validator(mode="before")
    @classmethod
    def _without_nothing(cls, data: Any) -> Any:
        return {key: value for key, value in data.items() if value is not None} if isinstance(data, dict) else data


class OtherReceivers(Block):
    """Alertmanager's integrations that are not ours."""

    discord_configs: Other = None
    hipchat_configs: Other = None
    incidentio_configs: Other = None
    jira_configs: Other = None
    mattermost_configs: Other = None
    msteams_configs: Other = None
    msteamsv2_configs: Other = None
    opsgenie_configs: Other = None
    pagerduty_configs: Other = None
    pushover_configs: Other = None
    rocketchat_configs: Other = None
    telegram_configs: Other = None
    victorops_configs: Other = None
    webex_configs: Other = None
    webhook_configs: Other = None
    wechat_configs: Other = None


class OtherGlobals(Block):
    """Their defaults."""

    hipchat_api_url: Other = None
    hipchat_auth_token: Other = None
    jira_api_url: Other = None
    mattermost_webhook_url: Other = None
    mattermost_webhook_url_file: Other = None
    opsgenie_api_key: Other = None
    opsgenie_api_key_file: Other = None
    opsgenie_api_url: Other = None
    pagerduty_url: Other = None
    rocketchat_api_url: Other = None
    rocketchat_token: Other = None
    rocketchat_token_file: Other = None
    rocketchat_token_id: Other = None
    rocketchat_token_id_file: Other = None
    telegram_api_url: Other = None
    telegram_bot_token: Other = None
    telegram_bot_token_file: Other = None
    victorops_api_key: Other = None
    victorops_api_key_file: Other = None
    victorops_api_url: Other = None
    webex_api_url: Other = None
    wechat_api_corp_id: Other = None
    wechat_api_secret: Other = None
    wechat_api_secret_file: Other = None
    wechat_api_url: Other = None
