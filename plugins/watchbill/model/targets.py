"""Whom to ask: one account, region or organisation, reached through one Airflow connection."""

from dataclasses import dataclass
from typing import Any

from watchbill.model.series import Source


@dataclass(frozen=True, order=True)
class Target:
    """Where `region` and `role` are empty, the connection's own count; Datadog has neither."""

    source: Source
    connection: str  # Airflow connection id
    region: str = ""
    role: str = ""  # ARN of a role to assume with the connection's credentials
    external_id: str = ""  # what the role's trust policy asks for; no secret

    def __str__(self) -> str:
        """`aws_prod in eu-west-1 as arn:aws:iam::123456789012:role/watchbill`"""
        region = f" in {self.region}" if self.region else ""
        role = f" as {self.role}" if self.role else ""
        return f"{self.connection}{region}{role}"

    def to_json(self) -> dict[str, Any]:
        return {"source": self.source, "connection": self.connection, "region": self.region, "role": self.role,
                "external_id": self.external_id}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Target":
        return cls(**data)
