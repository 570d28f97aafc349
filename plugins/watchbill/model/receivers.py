"""Where notifications go: the `receivers` of include/alerting.yaml, with connections for credentials.

Keys are Alertmanager's. What stands in quotes of them are templates; a channel gets them as `options` under
the same keys, in Jinja, and only those that are written.
"""

import re
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from watchbill.model.alerts import Channel
from watchbill.model.foreign_keys import (
    Addressee,
    Block,
    Credential,
    Http,
    NotObeyed,
    OtherReceivers,
    Relay,
    Timeout,
    Unanswered,
)
from watchbill.model.matcher_fields import Text, is_label_name

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OWN_HEADERS = ("Bcc", "Cc", "Dkim-Signature", "In-Reply-To", "Message-Id", "Mime-Version", "References", "Return-Path")
_STANDARD = re.compile(r"\{\{-?\s*template\s+\"\w+\.default\.\w+\"\s+\.\s*-?\}\}")
Jinja = Callable[[str], str]
At = tuple[str | int, ...]


def _full(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty")
    return value


Full = Annotated[Text, AfterValidator(_full)]


class Config(Block):
    """One integration of a receiver."""

    OWN: ClassVar[tuple[str, ...]] = ()  # keys that say where it goes, and no template; the first is the target
    connection: str

    @property
    def target(self) -> str:
        """The channel, addresses or topic, as it is written."""
        return str(getattr(self, self.OWN[0]))

    def options(self, jinja: Jinja) -> dict[str, Any]:
        """What is written, by key, in Jinja. What only names Alertmanager's own template is left to ours."""
        found = {name: _told(getattr(self, name), jinja) for name in sorted(self.model_fields_set)
                 if name not in (*self.OWN, "connection", "send_resolved")}
        return {name: value for name, value in found.items() if value is not None}

    def templates(self) -> Iterator[tuple[At, str]]:
        """Every text that may be one, with its path."""
        for name in sorted(self.model_fields_set):
            yield from _texts(getattr(self, name), (name,))


def _told(value: Any, jinja: Jinja) -> Any:
    if isinstance(value, str):
        return None if _STANDARD.fullmatch(value.strip()) else jinja(value)
    if isinstance(value, tuple):
        return [_told(item, jinja) for item in value]
    if isinstance(value, dict):
        return {name: _told(item, jinja) for name, item in value.items()}
    if isinstance(value, Block):
        return {name: _told(getattr(value, name), jinja) for name in sorted(value.model_fields_set)}
    return value


def _texts(value: Any, at: At) -> Iterator[tuple[At, str]]:
    if isinstance(value, str):
        yield at, value
    inner = enumerate(value) if isinstance(value, tuple) else value.items() if isinstance(value, dict) else ()
    for key, item in inner:
        yield from _texts(item, (*at, key))
    if isinstance(value, Block):
        for name in sorted(value.model_fields_set):
            yield from _texts(getattr(value, name), (*at, name))


class SlackField(Block):
    title: Full
    value: Full
    short: bool | None = None  # beside its neighbour; the message's short_fields where absent


class SlackConfirmation(Block):
    text: Full
    title: Text = ""
    ok_text: Text = ""
    dismiss_text: Text = ""


class SlackAction(Block):
    """A button that opens an address."""

    type: Full
    text: Full
    url: Full
    style: Text = ""
    name: Text = ""
    value: Text = ""
    confirm: SlackConfirmation | None = None


class SlackConfig(Config):
    OWN: ClassVar[tuple[str, ...]] = ("channel", "update_message", "message_strategy", "graph")

    channel: Full  # "#alerts" or a channel id; may be a template
    connection: str = "slack_api_default"
    send_resolved: bool = False  # Alertmanager's default
    update_message: bool = True  # one message a group, edited and answered in its thread; false: a new one each time
    message_strategy: Literal["new", "update", "thread"] | None = None  # the newer way to say it: `new` is false
    graph: bool = True  # with a picture of the series
    username: Text = ""
    icon_emoji: Text = ""
    icon_url: Text = ""
    color: Text = ""  # good, warning, danger or #rrggbb
    title: Text = ""
    title_link: Text = ""
    pretext: Text = ""
    text: Text = ""
    message_text: Text = ""  # above the attachment
    fallback: Text = ""  # for notices on a phone
    fields: tuple[SlackField, ...] = ()
    short_fields: bool = False
    footer: Text = ""
    image_url: Text = ""
    thumb_url: Text = ""
    link_names: bool = False
    mrkdwn_in: tuple[Text, ...] = ()
    actions: tuple[SlackAction, ...] = ()
    callback_id: Unanswered = None
    threaded_options: NotObeyed = None
    timeout: Timeout = None
    api_url: Credential = None
    api_url_file: Credential = None
    app_token: Credential = None
    app_token_file: Credential = None
    app_url: Http = None
    http_config: Http = None

    def channel_of(self, jinja: Jinja) -> Channel:
        chosen = {"update_message": self.update_message and self.message_strategy != "new", "graph": self.graph}
        options = self.options(jinja) | {name: on for name, on in chosen.items() if not on}
        return Channel("slack", jinja(self.channel), self.connection, options)

    @model_validator(mode="after")
    def _one_strategy(self) -> Self:
        if "update_message" in self.model_fields_set and self.message_strategy not in (None, "update"):
            said = repr(self.message_strategy)
            raise ValueError(f"`update_message` contradicts message_strategy {said}: keep one of them")
        return self


class EmailConfig(Config):
    OWN: ClassVar[tuple[str, ...]] = ("to", "from_", "graph")

    to: Full  # one address, or several with commas between; may be a template
    from_: Text = Field(default="", alias="from")  # global.smtp_from where absent, else the connection's
    connection: str = "aws_default"
    send_resolved: bool = False  # Alertmanager's default
    graph: bool = True  # with a picture of the series
    headers: dict[str, Text] = Field(default_factory=dict)  # with Subject
    html: Text = ""  # written and empty: plain text only
    text: Text = ""
    threading: NotObeyed = None  # mails of a group are a thread in any case
    smarthost: Relay = None
    hello: Relay = None
    auth_username: Relay = None
    auth_password: Credential = None
    auth_password_file: Credential = None
    auth_secret: Credential = None
    auth_secret_file: Credential = None
    auth_identity: Relay = None
    require_tls: Relay = None
    force_implicit_tls: Relay = None
    tls_config: Relay = None

    def channel_of(self, jinja: Jinja, smtp_from: str = "") -> Channel:
        chosen = {} if self.graph else {"graph": False}
        options = {"from": self.from_ or smtp_from, **chosen, **self.options(jinja)}
        return Channel("email", jinja(self.to), self.connection, options)

    @field_validator("headers")
    @classmethod
    def _canonical(cls, value: dict[str, str]) -> dict[str, str]:
        """By their names as mail writes them: `subject` is `Subject`."""
        found: dict[str, str] = {}
        for name, text in value.items():
            known = "-".join(word.capitalize() for word in name.split("-"))
            if not _HEADER.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a mail's header")
            if known in found:
                raise ValueError(f"duplicate header {known!r} in email config")
            if known in _OWN_HEADERS or known.startswith("Content-"):
                raise ValueError(f"the header {known!r} is written by Watchbill; receivers stand in `to`")
            found[known] = text
        return found


class SnsConfig(Config):
    OWN: ClassVar[tuple[str, ...]] = ("topic_arn",)

    topic_arn: str = Field(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?$")
    connection: str = "aws_default"
    send_resolved: bool = True  # Alertmanager's default
    subject: Text = ""
    message: Text = ""
    attributes: dict[str, Text] = Field(default_factory=dict)  # beside ours, for filters of subscriptions
    phone_number: Addressee = None
    target_arn: Addressee = None
    sigv4: Credential = None
    api_url: Http = None
    http_config: Http = None
    use_aws_http_client: Http = None

    def channel_of(self, jinja: Jinja) -> Channel:
        return Channel("sns", self.topic_arn, self.connection, self.options(jinja))


class Receiver(OtherReceivers):
    """A name and its integrations; with none it is a place where alerts go unheard, on purpose."""

    name: Text = ""
    labels: dict[str, Text] = Field(default_factory=dict)  # for templates: `ReceiverLabels`
    slack_configs: tuple[SlackConfig, ...] = ()
    email_configs: tuple[EmailConfig, ...] = ()
    sns_configs: tuple[SnsConfig, ...] = ()

    def configs(self) -> Iterator[tuple[At, Config]]:
        for key in ("slack_configs", "email_configs", "sns_configs"):
            for index, config in enumerate(getattr(self, key)):
                yield (key, index), config

    def channels(self, jinja: Jinja = str, smtp_from: str = "") -> tuple[tuple[Channel, bool], ...]:
        """Each with its `send_resolved`, in the order of the file; the same target counts once."""
        found = [(config.channel_of(jinja), config.send_resolved) for config in self.slack_configs]
        found += [(config.channel_of(jinja, smtp_from), config.send_resolved) for config in self.email_configs]
        found += [(config.channel_of(jinja), config.send_resolved) for config in self.sns_configs]
        if self.labels:
            labels = {"receiver_labels": self.labels | {"name": self.name}}
            found = [(Channel(c.kind, c.target, c.connection, {**c.options, **labels}), resolved)
                     for c, resolved in found]
        return tuple({(c.kind, c.connection, c.target): (c, resolved) for c, resolved in found}.values())

    @model_validator(mode="after")
    def _labelled(self) -> Self:
        for name in self.labels:
            if not is_label_name(name):
                raise ValueError(f"invalid label name {name!r} in receiver labels")
        given = self.labels.get("name", self.name)
        if given != self.name:
            raise ValueError(f"receiver label \"name\" must match receiver name {self.name!r}, got {given!r}")
        return self
