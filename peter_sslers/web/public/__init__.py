"""What anyone may ask: challenges, and who answers."""

from pyramid.config import Configurator

from . import views
from .paths import is_public

__all__ = ["includeme", "is_public"]


def includeme(config: Configurator) -> None:
    config.include(views)
