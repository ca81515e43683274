"""An ACME v2 client (RFC 8555). It knows the protocol; it knows neither our database nor our pages.

Read upwards: `jws` signs; `problems`, `documents` and `messages` are what a server says, read with
distrust; `transport`, `response` and `server` are one exchange with one server that all threads
share; `client` adds an account's signature and repeats a badNonce; `accounts`, `orders`,
`authorizations`, `challenges`, `certificates` and `revocations` are the requests of section 7 one
by one, `renewal_info` is RFC 9773; `polling` waits for their end, `solver` looks at an http-01
answer before the CA does.
"""

from . import (
    accounts,
    authorizations,
    certificates,
    challenges,
    orders,
    polling,
    renewal_info,
    revocations,
)
from .client import Client
from .jws import ExternalAccountBinding, Key
from .messages import (
    Account,
    AccountStatus,
    Authorization,
    Challenge,
    Directory,
    Identifier,
    Order,
)
from .problems import (
    BadAnswer,
    BadNonce,
    Gone,
    Problem,
    RateLimited,
    Subproblem,
    Unreachable,
    pause,
)
from .response import Response
from .server import Exchange, Server, Servers

__all__ = [
    "Account",
    "AccountStatus",
    "Authorization",
    "BadAnswer",
    "BadNonce",
    "Challenge",
    "Client",
    "Directory",
    "Exchange",
    "ExternalAccountBinding",
    "Gone",
    "Identifier",
    "Key",
    "Order",
    "Problem",
    "RateLimited",
    "Response",
    "Server",
    "Servers",
    "Subproblem",
    "Unreachable",
    "accounts",
    "authorizations",
    "certificates",
    "challenges",
    "orders",
    "pause",
    "polling",
    "renewal_info",
    "revocations",
]
