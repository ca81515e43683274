"""The fixed paths that are public: not below the admin's prefix, and never guarded."""

CHALLENGE = "/.well-known/acme-challenge/"
WHOAMI = "/.well-known/public/whoami"


def is_public(path: str) -> bool:
    return path.startswith(CHALLENGE) or path == WHOAMI
