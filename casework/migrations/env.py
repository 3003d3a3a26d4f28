"""Runs migrations over the connection that `casework.database` hands in, inside its transaction."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from casework.models import Base


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Draft our own column types as what they are stored as: an old migration must not change with today's
    code.
    """
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=True,
    render_item=plain_type,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
