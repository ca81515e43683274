"""The base of every table: naming of constraints, the column types and indexes that all share."""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    text,
)
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

if TYPE_CHECKING:
    from .operations import OperationsEvent

Str32 = Annotated[str, 32]
Str64 = Annotated[str, 64]
Str255 = Annotated[str, 255]
LongText = Annotated[str, "text"]
HugeText = Annotated[str, "huge_text"]
Url = Annotated[str, "url"]
Token = Annotated[str, "token"]
DnsName = Annotated[str, "dns_name"]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, naive UTC in the table: the same text in every database."""

    # MariaDB keeps no fraction of a second unless told so.
    impl = DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a timestamp needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


# SQLite numbers rows by itself only in a column that is INTEGER to the letter.
BigId = BigInteger().with_variant(Integer, "sqlite")


def words(kind: type[enum.StrEnum]) -> Enum:
    """A column for the words of an enum: stored as words, checked by the program.

    A plain string of 64, so that a new word needs no migration on any database.
    """
    return Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=64,
        values_callable=lambda k: [str(member.value) for member in k],
    )


def ascii_string(length: int) -> Any:
    """Text of URLs and tokens: `A` is not `a`, and on MariaDB 2048 fit into a unique index."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql", "mariadb"
    )


def name_string(length: int) -> Any:
    """Domain names: compared byte by byte, so that an index finds all that begin alike."""
    return ascii_string(length).with_variant(String(length, collation="C"), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        Str32: String(32),
        Str64: String(64),
        Str255: String(255),
        LongText: Text(),
        HugeText: Text().with_variant(
            mysql.MEDIUMTEXT(), "mysql", "mariadb"
        ),  # theirs ends at 64 KiB
        Url: ascii_string(2048),
        Token: ascii_string(255),
        DnsName: name_string(255),
    }


class WithId(Base):
    """A table whose rows are numbered."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True, sort_order=-1)


def ref(target: str, *, use_alter: bool = False) -> Any:
    """A column that holds the id of a row of `target`. Its index stands in `__table_args__`."""
    return mapped_column(BigId, ForeignKey(f"{target}.id", use_alter=use_alter))


def key_ref(target: str) -> Any:
    """The same as a part of the primary key."""
    return mapped_column(BigId, ForeignKey(f"{target}.id"), primary_key=True)


class Recorded(WithId):
    """A table whose rows know the event that made them."""

    __abstract__ = True

    operations_event_id__created: Mapped[int] = mapped_column(
        BigId, ForeignKey("operations_event.id"), index=True
    )

    @declared_attr
    def operations_event__created(cls) -> Mapped[OperationsEvent]:  # noqa: N805
        return relationship(foreign_keys=f"{cls.__name__}.operations_event_id__created")


def listed(*columns: str) -> tuple[Index, ...]:
    """For each column an index that gives the rows of one value newest first."""
    return tuple(Index(None, column, "id") for column in columns)


def listed_if_set(*columns: str) -> tuple[Index, ...]:
    """The same for columns that are null in most rows: those are left out of the index."""
    indexes = []
    for column in columns:
        is_set = text(f"{column} IS NOT NULL")
        indexes.append(Index(None, column, "id", sqlite_where=is_set, postgresql_where=is_set))
    return tuple(indexes)


def unique_where(flag: str, *columns: str) -> Index:
    """At most one row, or one of each combination of `columns`, has a true `flag`.

    MariaDB has no partial indexes; there the program alone keeps the rule.
    """
    index = Index(
        None,
        *(columns or (flag,)),
        unique=True,
        sqlite_where=text(flag),
        postgresql_where=text(flag),
    )
    return index.ddl_if(callable_=_has_partial_indexes)


def _has_partial_indexes(*_: Any, dialect: Dialect, **_others: Any) -> bool:
    return dialect.name in {"sqlite", "postgresql"}


def by_whole_text(column: str) -> Index:
    """Finds rows by the whole of a text that may be too long for a B-tree."""
    return Index(None, column, postgresql_using="hash", mysql_length=191, mariadb_length=191)
