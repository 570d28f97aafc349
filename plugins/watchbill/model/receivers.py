"""Where notifications go: the `receivers` of include/alerting.yaml, with connections for credentials."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from watchbill.model.alerts import Channel
from watchbill.model.declared import Declared


def _no_credential(_: Any) -> Any:
    raise ValueError("credentials do not belong in this file: use an Airflow connection and name it, "
                     "for example `connection: slack_api_default` or `connection: aws_default`")


def _not_obeyed(_: Any) -> Any:
    raise ValueError("Watchbill does not obey this key of Alertmanager yet: leave it out")


Credential = Annotated[None, BeforeValidator(_no_credential)]
NotObeyed = Annotated[None, BeforeValidator(_not_obeyed)]


class SlackConfig(Declared):
    channel: str = Field(min_length=1)  # "#alerts" or a channel id
    connection: str = "slack_api_default"
    send_resolved: bool = False  # Alertmanager's default
    update_message: bool = True  # one message a group, edited and answered in its thread; false: a new one each time
    graph: bool = True  # with a picture of the series
    api_url: Credential = None
    api_url_file: Credential = None
    app_token: Credential = None
    app_token_file: Credential = None
    http_config: Credential = None

    def channel_of(self) -> Channel:
        chosen = {"update_message": self.update_message, "graph": self.graph}
        return Channel("slack", self.channel, self.connection, {name: on for name, on in chosen.items() if not on})


class EmailConfig(Declared):
    to: str = Field(min_length=1)  # one address, or several with commas between
    from_: str = Field(default="", alias="from")  # global.smtp_from where absent, else the connection's
    connection: str = "aws_default"
    send_resolved: bool = False  # Alertmanager's default
    graph: bool = True  # with a picture of the series
    smarthost: Credential = None
    auth_username: Credential = None
    auth_password: Credential = None
    auth_password_file: Credential = None
    auth_secret: Credential = None
    auth_identity: Credential = None
    tls_config: Credential = None

    def channel_of(self, smtp_from: str = "") -> Channel:
        chosen = {} if self.graph else {"graph": False}
        return Channel("email", self.to, self.connection, {"from": self.from_ or smtp_from, **chosen})


class SnsConfig(Declared):
    topic_arn: str = Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?$")
    connection: str = "aws_default"
    send_resolved: bool = True  # Alertmanager's default
    sigv4: Credential = None
    api_url: Credential = None
    http_config: Credential = None

    def channel_of(self) -> Channel:
        return Channel("sns", self.topic_arn, self.connection)


class Receiver(Declared):
    """A name and its integrations; with none it is a place where alerts go unheard, on purpose."""

    name: str
    slack_configs: tuple[SlackConfig, ...] = ()
    email_configs: tuple[EmailConfig, ...] = ()
    sns_configs: tuple[SnsConfig, ...] = ()
    labels: NotObeyed = None

    def channels(self, smtp_from: str = "") -> tuple[tuple[Channel, bool], ...]:
        """Each with its `send_resolved`, in the order of the file; the same target counts once."""
        found = [(config.channel_of(), config.send_resolved) for config in self.slack_configs]
        found += [(config.channel_of(smtp_from), config.send_resolved) for config in self.email_configs]
        found += [(config.channel_of(), config.send_resolved) for config in self.sns_configs]
        return tuple({(c.kind, c.connection, c.target): (c, resolved) for c, resolved in found}.values())
