"""Peter SSLers: a certificate manager. `main` is the application of a PasteDeploy .ini."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyramid.config import Configurator
    from pyramid.router import Router

    from .settings import Settings


def main(global_config: dict[str, str] | None, **raw: Any) -> Router:
    """`egg:peter_sslers#main`. Raises SettingsError for a wrong .ini or an old database."""
    # Here, because `import peter_sslers.X` must not cost a whole application.
    from pyramid.config import Configurator

    from .settings import Settings
    from .web.app import App, installed_includes, start
    from .web.request import PeterRequest

    settings = Settings.from_ini(raw)
    app = App.make(settings, raw)
    start(app)
    config = Configurator(settings=installed_includes(raw), request_factory=PeterRequest)
    config.registry.peter = app
    config.registry.settings["app_settings"] = settings.by_name()
    _configure(config, settings)
    return config.make_wsgi_app()


def _configure(config: Configurator, settings: Settings) -> None:
    """Routes are tried in their order: the CA's polls come first."""
    from pyramid.tweens import EXCVIEW

    from .web import failures

    config.add_tween("peter_sslers.web.headers.tween", over=EXCVIEW)
    config.add_tween("peter_sslers.web.access.tween", under=EXCVIEW)
    failures.add_views(config)
    if settings.enable_views_public:
        config.include(".web.public")
    if settings.enable_views_admin:
        config.include(_admin, route_prefix=settings.admin_prefix)


def _admin(config: Configurator) -> None:
    from .web.register import begin

    settings: Settings = config.registry.peter.settings
    begin(
        config,
        api_host=settings.api_host or "",
        admin_url=settings.admin_url or "",
        admin_server=settings.admin_server or "",
        hides_private_keys=settings.hide_private_keys_in_json,
    )
    config.include(".web.whoami")
    config.include(".web.admin")
