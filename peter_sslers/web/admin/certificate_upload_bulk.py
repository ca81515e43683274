"""Many certificates in one request: a zip, or the files of each one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from typing import IO, Any, ClassVar

from marshmallow import ValidationError

from ...errors import FieldErrors
from ...lib.actions import import_trees, imports
from ...lib.actions.imports import Outcome, Result
from ...lib.context import Context
from ...lib.estates import Archive, BadTree, Limits, Triplet, Unreadable
from ...settings import Settings
from ..resource import Action, Docs, Done, Url
from ..schemas import File, Form, FormField
from ..shown import Custom

ARCHIVE, KEY, CERTIFICATE, CHAIN = (
    "archive_file",
    "private_key_file_pem",
    "certificate_file",
    "chain_file",
)
MAX_MEMBERS = 50_000  # of a zip
MAX_SHOWN = 1_000  # refusals on the page; the JSON has all


class ZipFile(FormField):
    """An uploaded file that stays where it is: it may be too large for memory."""

    kind = "file"

    def _is_blank(self, value: Any) -> bool:
        return super()._is_blank(value) or value == b""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        stream = getattr(value, "file", None)
        if stream is None:
            raise ValidationError("Please choose a file")
        return stream


class Files(File):
    """The same field once for each certificate, in their order."""

    takes_many = True

    def _is_blank(self, value: Any) -> bool:
        return all(super(Files, self)._is_blank(v) for v in _listed(value))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> list[bytes]:
        return [super(Files, self)._content(v)[: self.max_length + 1] for v in _listed(value)]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class UploadBulk(Form):
    groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        ("A zip archive", (ARCHIVE,)),
        ("Or the files one by one", (KEY, CHAIN, CERTIFICATE)),
    )
    archive_file = ZipFile(
        "a zip of a folder of Certbot, acme.sh, lego or Caddy, or of certificates and keys that "
        "are matched by their public keys",
        label="Zip archive",
        required=False,
    )
    private_key_file_pem = Files(
        "the private keys: this field once for each certificate", label="Keys", required=False
    )
    chain_file = Files(
        "the chains, as many as certificates, or one for all of them",
        label="Chains",
        required=False,
    )
    certificate_file = Files(
        "the certificates, in the order of their keys", label="Certificates", required=False
    )

    def check(self, values: dict[str, Any]) -> None:
        keys, leaves, chains = (values[name] or [] for name in (KEY, CERTIFICATE, CHAIN))
        if bool(values[ARCHIVE]) == bool(keys or leaves or chains):
            raise FieldErrors(main="Send either a zip archive, or certificates and keys.")
        if values[ARCHIVE]:
            return
        if len(keys) != len(leaves):
            text = f"There are {len(leaves)} certificates and {len(keys)} keys."
            raise FieldErrors({KEY: text})
        if len(chains) not in {0, 1, len(leaves)}:
            text = f"There are {len(leaves)} certificates and {len(chains)} chains."
            raise FieldErrors({CHAIN: text})


def max_body(settings: Settings) -> int:
    return settings.upload_bulk_max_mib * 1024**2


def upload_bulk(ctx: Context, _obj: None, values: dict[str, Any]) -> Done:
    brought = _unpacked(ctx, values[ARCHIVE]) if values[ARCHIVE] else _single(ctx, values)
    results = list(imports.import_all(ctx, brought))
    if not results:
        raise FieldErrors({ARCHIVE: "There is no certificate in it."})
    count = Counter(result.outcome for result in results)
    counted = {_key(outcome): count[outcome] for outcome in Outcome}
    document = {**counted, "items": [_item(result) for result in results]}
    return Done(document, page=_page(count, results))


def _unpacked(ctx: Context, file: IO[bytes]) -> import_trees.Found:
    settings = ctx.settings
    limits = Limits(
        members=MAX_MEMBERS,
        member=settings.upload_bulk_member_max_kib * 1024,
        unpacked=settings.upload_bulk_unpacked_max_mib * 1024**2,
    )
    try:
        archive = Archive(file, limits)
    except BadTree as exc:
        raise FieldErrors({ARCHIVE: str(exc)}) from exc
    odd = (Unreadable(path, reason) for path, reason in archive.odd)
    return chain(odd, import_trees.found_in(ctx, archive)[1])


def _single(ctx: Context, values: dict[str, Any]) -> Iterable[Triplet | Unreadable]:
    most = ctx.settings.upload_bulk_member_max_kib * 1024
    leaves, keys, chains = values[CERTIFICATE], values[KEY], values[CHAIN] or [b""]
    if len(chains) == 1:
        chains = chains * len(leaves)
    for number, files in enumerate(zip(leaves, keys, chains, strict=True), 1):
        if any(len(content) > most for content in files):
            reason = f"One of its files is larger than {most // 1024} KiB."
            yield Unreadable(f"certificate {number}", reason)
        else:
            yield Triplet(f"certificate {number}", *files)


def _key(outcome: Outcome) -> str:
    return outcome.replace(" ", "_")


def _item(result: Result) -> dict[str, Any]:
    item: dict[str, Any] = {"name": result.name, "result": result.outcome}
    if result.reason:
        item["reason"] = result.reason
    if result.note:
        item["note"] = result.note
    if result.certificate is not None:
        path = f"/certificate-signed/{result.certificate}"
        item["CertificateSigned"] = {"id": result.certificate, "url": Url(path)}
    return item


def _page(count: Counter[Outcome], results: list[Result]) -> Custom:
    said = ", ".join(f"{count[outcome]:,} {outcome}" for outcome in Outcome)
    # What needs somebody comes first.
    order = (Outcome.REFUSED, Outcome.IMPORTED, Outcome.ALREADY_THERE)
    shown = sorted(results, key=lambda result: order.index(result.outcome))[:MAX_SHOWN]
    return Custom(
        "upload_bulk.mako",
        {"results": shown, "more": len(results) - len(shown)},
        {},
        title="Upload in bulk",
        sentence=f"{said}.",
        group="Certificates",
        tools=(("Certificates", "/certificate-signeds/active"),),
    )


UPLOAD_BULK = Action(
    "upload-bulk",
    "Upload in bulk",
    "Store many certificates with their keys and chains at once; what is bad stops nothing.",
    run=upload_bulk,
    schema=UploadBulk,
    max_body=max_body,
    docs=Docs(
        examples=(
            "curl --form 'archive_file=@letsencrypt.zip'"
            " {ADMIN}/certificate-signed/upload-bulk.json",
            "curl --form 'private_key_file_pem=@a.key' --form 'certificate_file=@a.crt'"
            " --form 'private_key_file_pem=@b.key' --form 'certificate_file=@b.crt'"
            " --form 'chain_file=@chain.pem' {ADMIN}/certificate-signed/upload-bulk.json",
        ),
        single_example=False,
        notes=(
            "The answer has `imported`, `already_there`, `refused` and, in `items`, what became of"
            " each: `result` is one of these words, `reason` says why it was refused.",
            "For a folder of this machine use the command `peter_sslers_import`: it has no limits"
            " of size.",
        ),
    ),
)
