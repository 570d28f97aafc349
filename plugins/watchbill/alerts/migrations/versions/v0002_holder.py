"""Who holds a lease, so that a task that is tried again need not wait for the one of its own that died."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("holder", sa.String(), nullable=True))
