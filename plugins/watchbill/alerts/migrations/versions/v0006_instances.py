"""Instances in columns, so that the database can put together those that stand alike; a rule's definition."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MOMENTS = ("active_at", "fired_at", "clear_since")
_instances = sa.table("instances", sa.column("rule", sa.String()), sa.column("instance", sa.String()),
                      sa.column("state", sa.Text()), sa.column("no_data", sa.Boolean()),
                      *(sa.column(name, sa.DateTime(timezone=True)) for name in _MOMENTS))


def upgrade() -> None:
    for name in _MOMENTS:
        op.add_column("instances", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("instances", sa.Column("no_data", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("instances", sa.Column("seen", sa.String(), nullable=False, server_default=""))
    op.add_column("rule_clocks", sa.Column("definition", sa.String(), nullable=False, server_default=""))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_instances)).all():
        connection.execute(sa.update(_instances).where((_instances.c.rule == row.rule)
                                                       & (_instances.c.instance == row.instance))
                           .values(**_columns(json.loads(row.state))))


def _columns(state: dict[str, str | None]) -> dict[str, object]:
    return {"state": state["state"], "no_data": bool(state["no_data"]),
            **{name: datetime.fromisoformat(found) if (found := state[name]) else None for name in _MOMENTS}}


def downgrade() -> None:
    raise NotImplementedError("an older Watchbill does not read this ledger")
