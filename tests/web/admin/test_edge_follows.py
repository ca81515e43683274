"""Whatever changes what a name is served with reaches Redis, and nginx after it, by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from peter_sslers import model
from peter_sslers.lib.context import Context, utc_now

from ...services.nginx import Nginx
from ...services.processes import free_port
from ...services.redis import Redis
from .acme_site import Site
from .certificate_rows import CHAIN, CROSS_CHAIN, EC256, LEAF, RSA2048, pem, stored
from .edges import with_nginx, with_redis
from .test_configs_through_redis import held

NAME = "d1:example.com"
OTHER_ROOT = "CN=Other Root"


def fingerprint(site: Site, subject: str) -> str:
    with site.database.session() as db:
        found = db.query(model.CertificateCA).filter_by(cert_subject=subject).first()
        assert found is not None
        return found.fingerprint_sha1


def mark_certificate(site: Site) -> None:
    site.post("/certificate-signed/1/mark.json", {"action": "inactive"})


def revoke(site: Site) -> None:
    site.post("/certificate-signed/1/mark.json", {"action": "revoked"})


def compromise(site: Site) -> None:
    site.post("/private-key/1/mark.json", {"action": "compromised"})


def mark_domain(site: Site) -> None:
    site.post("/domain/1/mark.json", {"action": "inactive"})


def disable(site: Site) -> None:
    site.post("/api/domain/disable", {"domain_names": "example.com"})


def expire(site: Site) -> None:
    with site.writing() as rows:
        certificate = rows.db.get(model.CertificateSigned, 1)
        certificate.timestamp_not_after = utc_now() - timedelta(days=1)
    site.post("/api/deactivate-expired.json")


TAKEN_AWAY = (mark_certificate, revoke, compromise, mark_domain, disable, expire)


@pytest.mark.service("redis")
@pytest.mark.parametrize("taken_away", TAKEN_AWAY, ids=lambda do: do.__name__)
def test_name_that_is_served_no_more_is_gone(
    site: Site, redis_db: Redis, taken_away: Callable[[Site], None]
) -> None:
    edge = with_redis(site, redis_db.url)
    stored(site)
    edge.wait()
    assert NAME in held(redis_db)
    taken_away(site)
    edge.wait()
    assert NAME not in held(redis_db)
    with redis_db.client() as client:
        assert 0 < client.ttl("p:1") <= 60


@pytest.mark.service("redis")
def test_name_that_is_served_again_is_back(site: Site, redis_db: Redis) -> None:
    edge = with_redis(site, redis_db.url)
    stored(site)
    for back in (
        lambda: site.post("/domain/1/mark.json", {"action": "active"}),
        lambda: site.post("/api/domain/enable", {"domain_names": "example.com"}),
    ):
        site.post("/domain/1/mark.json", {"action": "inactive"})
        edge.wait()
        assert NAME not in held(redis_db)
        back()
        edge.wait()
        assert NAME in held(redis_db)
    with redis_db.client() as client:
        assert client.ttl("p:1") == -1


@pytest.mark.service("redis")
def test_upload_is_there_when_it_is_answered(site: Site, redis_db: Redis) -> None:
    edge = with_redis(site, redis_db.url)
    files = {
        "certificate_file": LEAF,
        "private_key_file_pem": EC256,
        "chain_file": pem("chains/intermediate"),
    }
    sent = [(name, "a.pem", text.encode()) for name, text in files.items()]
    site.post("/certificate-signed/upload.json", upload_files=sent)
    edge.wait()
    assert held(redis_db)[NAME] == {"c": "1", "p": "1", "i": "1"}


@pytest.mark.service("redis")
def test_newer_certificate_replaces_the_old_one(site: Site, redis_db: Redis) -> None:
    edge = with_redis(site, redis_db.url)
    stored(site)
    stored(site, [pem("certificates/wildcard") + pem("chains/intermediate")], RSA2048)
    edge.wait()
    assert held(redis_db)[NAME] == {"c": "2", "p": "2", "i": "1"}


@pytest.mark.service("redis")
def test_pointers_put_right_are_primed(site: Site, redis_db: Redis) -> None:
    stored(site)
    with site.writing() as rows:
        rows.db.get(model.Domain, 1).certificate_signed_id__latest_single = None
    edge = with_redis(site, redis_db.url)
    site.post("/api/update-recents.json")
    edge.wait()
    assert NAME in held(redis_db)


@pytest.mark.service("redis")
def test_other_preferred_chain_is_primed(site: Site, redis_db: Redis) -> None:
    edge = with_redis(site, redis_db.url)
    stored(site, [CHAIN, CROSS_CHAIN])
    edge.wait()
    assert held(redis_db)[NAME]["i"] == "1"
    preferred = {"fingerprint_sha1": fingerprint(site, OTHER_ROOT)}
    site.post("/certificate-cas/preferred/add.json", preferred)
    edge.wait()
    assert held(redis_db)[NAME]["i"] == "2"
    site.post("/certificate-cas/preferred/delete.json", {**preferred, "slot": "1"})
    edge.wait()
    assert held(redis_db)[NAME]["i"] == "1"


@pytest.mark.service("redis")
def test_chain_that_a_known_certificate_gets_is_primed(site: Site, redis_db: Redis) -> None:
    edge = with_redis(site, redis_db.url)
    stored(site, [LEAF])
    stored(site, [CHAIN])
    edge.wait()
    assert held(redis_db)[NAME]["i"] == "1"


def rolled_back(ctx: Context) -> None:
    with ctx.commit():
        ctx.served_anew([1])
        raise ZeroDivisionError


@pytest.mark.service("redis")
def test_change_that_is_rolled_back_is_not_told(site: Site, redis_db: Redis) -> None:
    stored(site)
    edge = with_redis(site, redis_db.url)
    with site.database.session() as db:
        ctx = site.context(db)
        with pytest.raises(ZeroDivisionError):
            rolled_back(ctx)
        with ctx.commit():
            pass
    edge.wait()
    assert held(redis_db) == {}


def test_dead_redis_and_dead_nginx_harm_nothing(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    more = {"enable_nginx": True, "nginx_servers_pool": (f"http://{nobody}",)}
    edge = with_redis(site, f"redis://{nobody}/9", **more)
    assert stored(site) == 1
    assert site.post("/domain/1/mark.json", {"action": "inactive"}).json["result"] == "success"
    edge.wait()
    assert f"Redis (redis://{nobody}/9)" in caplog.text
    assert f"http://{nobody}: NewConnectionError" in caplog.text


@pytest.mark.service("nginx")
def test_nginx_is_told_of_the_names_that_changed(site: Site, nginx: Nginx) -> None:
    edge = with_nginx(
        site, nginx.url, nginx_userpass=nginx.userpass, nginx_ca_bundle_pem=str(nginx.ca_file)
    )
    stored(site)
    edge.wait()
    assert nginx.asked[-1] == "/expire/domain/example.com"
    site.post(
        "/certificate-cas/preferred/add.json",
        {"fingerprint_sha1": fingerprint(site, "CN=Test Intermediate")},
    )
    edge.wait()
    assert nginx.asked[-1] == "/expire/all"


@pytest.mark.service("redis")
@pytest.mark.service("nginx")
def test_nginx_is_told_after_redis(site: Site, redis_db: Redis, nginx: Nginx) -> None:
    """Else a server would fetch once more what it is to forget."""
    edge = with_redis(
        site,
        redis_db.url,
        enable_nginx=True,
        nginx_servers_pool=(nginx.url,),
        nginx_userpass=nginx.userpass,
        nginx_ca_bundle_pem=str(nginx.ca_file),
    )
    assert edge.nginx is not None
    seen: list[Any] = []
    expire = edge.nginx.expire
    edge.nginx.expire = lambda names: (seen.append(held(redis_db)), expire(names))[1]  # type: ignore[method-assign]
    stored(site)
    edge.wait()
    assert seen[0][NAME] == {"c": "1", "p": "1", "i": "1"}


def statements_of_two_marks(site: Site) -> int:
    counted = 0

    def count(*_: Any) -> None:
        nonlocal counted
        counted += 1

    event.listen(site.database.engine, "before_cursor_execute", count)
    site.post("/domain/1/mark.json", {"action": "inactive"})
    site.post("/domain/1/mark.json", {"action": "active"})
    if site.edge:
        site.edge.wait()
    event.remove(site.database.engine, "before_cursor_execute", count)
    return counted


@pytest.mark.service("redis")
def test_what_it_reads_is_read_only_where_it_is_on(site: Site, redis_db: Redis) -> None:
    stored(site)
    without = statements_of_two_marks(site)
    with_redis(site, redis_db.url)
    assert statements_of_two_marks(site) > without
    site.edge = None
    assert statements_of_two_marks(site) == without
