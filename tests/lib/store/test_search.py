"""What a text finds, and that it is found by an index."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from peter_sslers import model
from peter_sslers.lib.store import domains, search
from peter_sslers.lib.store.search import LookUp

from ... import factories as make

NUMBERED = [
    kind
    for kind in (m.class_ for m in model.Base.registry.mappers)
    if hasattr(kind, "id") and kind.metadata is model.Base.metadata  # not those of other tests
]
QUESTIONS = [
    *search.look_ups("shop.example.com"),
    *search.look_ups("192.0.2.1"),
    *search.look_ups("A" * 32),
    *search.look_ups("A" * 40),
    *search.look_ups("A" * 64),
    *search.look_ups("ops@example.com"),
    *search.look_ups("https://ca.example.com/order/1"),
    *search.by_subject("CN=a"),
    *search.by_issuer("CN=b"),
]


def plan(db, query):
    """Of finding the rows' numbers. PostgreSQL would read a table as small as ours."""
    is_postgresql = db.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        db.execute(text("SET LOCAL enable_seqscan = off"))
    rows = query.with_only_columns(query.column_descriptions[0]["entity"].id).order_by(None)
    sql = rows.compile(db.get_bind(), compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN" if is_postgresql else "EXPLAIN QUERY PLAN"
    return "\n".join(str(row) for row in db.connection().exec_driver_sql(f"{explain} {sql}"))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q.model.__tablename__} by {q.by}")
def test_no_question_reads_a_table(ctx, question: LookUp):
    found = plan(ctx.db, question.query)
    assert "SCAN" not in found.replace("SCAN CONSTANT ROW", "")
    assert "Seq Scan" not in found
    assert "Filter" not in found


def test_names_that_begin_alike_are_found_in_order(ctx):
    names = ["shop.example.com", "shop-2.example.com", "shop.example.de", "sho.example", "shoq.de"]
    with ctx.commit():
        for name in names:
            make.domain(ctx.db, domain_name=name)
    query = domains.beginning_with("shop")
    assert [domain.domain_name for domain in ctx.db.scalars(query)] == [
        "shop-2.example.com",
        "shop.example.com",
        "shop.example.de",
    ]


def test_exact_hits_come_first_and_the_rows_are_bounded(ctx):
    with ctx.commit():
        for n in range(search.MAX_ROWS + 5):
            make.domain(ctx.db, domain_name=f"a.example{n:02}.com")
        exact = make.domain(ctx.db, domain_name="a.example")
    (found,) = search.hits(ctx.db, search.look_ups("A.Example."), {model.Domain})
    assert found.rows[0] is exact
    assert found.exact
    assert found.more
    assert len(found.rows) == search.MAX_ROWS


def test_a_number_names_the_kinds_that_have_it(ctx):
    with ctx.commit():
        number = make.domain(ctx.db).id
    found = search.numbered(ctx.db, number, [model.AcmeOrder, model.Domain])
    assert found == [model.Domain]
    assert search.numbered(ctx.db, 2**62, NUMBERED) == []


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("#12", 12),
        ("12", 12),
        ("# 12", 12),
        ("#", None),
        ("1.2", None),
        ("9" * 19, None),
        ("٣", None),
    ],
)
def test_what_is_a_number(typed, number):
    assert search.number_of(typed) == number
