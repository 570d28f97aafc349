"""Dashboards: what was kept where, and the last versions of their bodies."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "dashboards",
        sa.Column("cloud", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("dashboard", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("creating_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("cloud", "connection", "dashboard"),
    )
    op.create_table(
        "dashboard_versions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("cloud", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("dashboard", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("dashboard_versions_by_dashboard", "dashboard_versions", ["cloud", "connection", "dashboard"])


def downgrade() -> None:
    op.drop_table("dashboard_versions")
    op.drop_table("dashboards")
