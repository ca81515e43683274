"""`python -m peter_sslers.scripts.admin_user FILE USER`: let somebody use the admin."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..web.credentials import Hash


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("user")
@click.password_option(help="Asked for, if it is not given: other processes can read arguments.")
def main(file: Path, user: str, password: str) -> None:
    """Add USER to FILE (the option `admin_userpass_file`), or give him a new password."""
    if not user or any(c in user for c in ":#\r\n") or not password:
        raise click.UsageError("A user's name has no colon, hash or line end; a password is needed")
    lines = file.read_text().splitlines() if file.exists() else []
    kept = [line for line in lines if line.partition(":")[0] != user]
    text = "".join(f"{line}\n" for line in [*kept, f"{user}:{Hash.of(password)}"])
    replace(file, text)
    click.echo(f"{user} is in {file}. Restart Peter.")


def replace(file: Path, text: str) -> None:
    """All or nothing, and nobody else may read it."""
    new = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        stream.write(text)
    new.replace(file)


if __name__ == "__main__":
    main()
