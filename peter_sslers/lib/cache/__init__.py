"""Who serves certificates meanwhile: `redis` holds them for edge servers, `nginx` drops its own.

`redis` is imported where it is switched on: the package that it needs may be missing.
"""
