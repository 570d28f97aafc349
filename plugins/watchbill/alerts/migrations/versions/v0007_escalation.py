"""Escalation: since when a group could tell of each member, and groups that are steps of another's escalation."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("groups", sa.Column("since", sa.Text(), nullable=False, server_default="{}"))
    op.add_column("groups", sa.Column("parent", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("groups", "since")
    op.drop_column("groups", "parent")
