"""What the user has told pip about the network, told to uv, which does not read pip's configuration."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

# pip's option -> uv's variable (https://pip.pypa.io/en/stable/topics/configuration/, https://docs.astral.sh/uv/reference/environment/)
MEANT_FOR_UV_TOO = {
    "index-url": "UV_DEFAULT_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "trusted-host": "UV_INSECURE_HOST",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}


def pip_settings_for_uv() -> dict[str, str]:
    """Return uv's variables for what pip's files and PIP_* variables say; what is said to uv itself goes first."""
    settings = {**from_files(), **from_environment()}
    meant = {variable: settings[option] for option, variable in MEANT_FOR_UV_TOO.items() if option in settings}
    return {variable: value for variable, value in meant.items() if variable not in os.environ}


def from_environment() -> dict[str, str]:
    """Return pip's options in the environment, named as in its files: PIP_INDEX_URL is index-url."""
    return {
        name[len("PIP_") :].lower().replace("_", "-"): value
        for name, value in os.environ.items()
        if name.startswith("PIP_") and value
    }


def from_files() -> dict[str, str]:
    """Return the options that pip's configuration files set for every command or for install, the last file winning."""
    parser = configparser.RawConfigParser()
    parser.read(files())
    settings: dict[str, str] = {}
    for section in ("global", "install"):
        settings.update(parser[section] if parser.has_section(section) else {})
    return settings


def files() -> list[Path]:
    """Return where pip looks for its configuration on Unix, from the least to the most particular."""
    chosen = os.environ.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    machine = [
        Path(directory, "pip", "pip.conf") for directory in os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(":")
    ]
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    user = [Path.home() / ".pip" / "pip.conf", config_home / "pip" / "pip.conf"]
    return [*machine, Path("/etc/pip.conf"), *user, *([Path(chosen)] if chosen else [])]
