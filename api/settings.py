"""How the service runs: from the environment (prefix ``GRIDWALK_``) or from the command."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from api.errors import BadSetting

PREFIX = "GRIDWALK_"


def _check_base(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise ValueError("must look like https://maps.example.org or https://example.org/gridwalk")
    return url.rstrip("/")


def _check_key(key: SecretStr) -> SecretStr:
    if not re.fullmatch(r"|[0-9A-Za-z]{16,64}", key.get_secret_value()):
        raise ValueError("must be the 32 letters and digits that Tianditu gave you")
    return key


Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Settings(BaseSettings):
    """Everything that can be set about the running service; in the environment, lists are JSON.

    Parameters
    ----------
    host, port : str, int
        Where it listens; decides whether it may be open (:func:`api.auth.check_binding`).
    workspaces : tuple of Path
        Folders to serve.
    base_url : str
        Address under which clients reach it, used for links; empty = the address of the request.
    allowed_hosts : tuple of str
        Host names that requests may name, beside local ones, the socket's own and that of ``base_url``.
    api_key_hashes : tuple of str
        sha256 of each key that may read, in hex; empty = open.
    limit_default, limit_max : int
        Features in a page.
    cors_origins : tuple of str
        Web pages of which origins may read; empty = none.
    tianditu_key : SecretStr
        Key of Tianditu (天地图) for web browsers; served boards then offer its maps. Empty = they do not.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    workspaces: tuple[Path, ...] = ()
    base_url: Annotated[str, AfterValidator(_check_base)] = ""
    allowed_hosts: tuple[str, ...] = ()
    api_key_hashes: tuple[Hash, ...] = ()
    limit_default: Annotated[int, Field(ge=1)] = 1_000
    limit_max: Annotated[int, Field(ge=1)] = 10_000
    cors_origins: tuple[str, ...] = ()
    tianditu_key: Annotated[SecretStr, AfterValidator(_check_key)] = SecretStr("")


def read_settings(**given: Any) -> Settings:
    """Read the settings.

    Parameters
    ----------
    **given : Any
        Values that go before those of the environment.

    Returns
    -------
    Settings
        The settings.

    Raises
    ------
    BadSetting
        A value is wrong; the message names the variable.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise BadSetting(f"{PREFIX}{str(first['loc'][0]).upper()}: {first['msg']}") from error
    except SettingsError as error:
        raise BadSetting(f'{error}; lists are JSON, such as ["a", "b"]') from error


def environment(settings: Settings) -> dict[str, str]:
    """Write settings as the variables that :func:`read_settings` reads, for server processes.

    Parameters
    ----------
    settings : Settings
        The settings.

    Returns
    -------
    dict of str to str
        Variables.
    """
    plain = settings.model_dump(mode="json") | {"tianditu_key": settings.tianditu_key.get_secret_value()}
    return {
        PREFIX + name.upper(): value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in plain.items()
    }
