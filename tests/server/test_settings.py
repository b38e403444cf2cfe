"""Settings: read once from the environment, refused with the name of the variable and what was expected."""

from pathlib import Path

import pytest

from server.errors import SettingRefused
from server.settings import Settings, with_secret_key


def test_everything_has_a_default() -> None:
    settings = Settings.from_environment({})

    assert (settings.database_url, settings.port, settings.timezone) == (None, 8000, "Europe/Paris")


def test_a_town_says_its_name_and_its_mail_server() -> None:
    settings = Settings.from_environment(
        {"PARVIS_TOWN_NAME": "Vallons", "PARVIS_SMTP_HOST": "mx", "PARVIS_SMTP_PORT": "465"}
    )

    assert (settings.town.name, settings.smtp.host, settings.smtp.port) == ("Vallons", "mx", 465)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://host/db"),
        ("VALKEY_URL", "memcached://host"),
        ("PARVIS_PORT", "eight"),
        ("PARVIS_PUBLIC_URL", "town.example"),
        ("PARVIS_SMTP_TLS", "maybe"),
        ("PARVIS_THEME_HUE", "blue"),
        ("PARVIS_THEME_CHROMA", "2"),
        ("PARVIS_THEME_LOGO", "/nowhere/logo.svg"),
        ("PARVIS_TIMEZONE", "Europe/Atlantis"),
        ("PARVIS_CASE_MEGABYTES", "0"),
        ("PARVIS_MAP_TILES", "https://tiles.example/map.png"),
        ("PARVIS_MAP_TILES", "https://tiles.example/{z}/{x}/{y}; script-src *"),
        ("PARVIS_MAP_TILES", "javascript:{z}{x}{y}"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingRefused, match=name):
        Settings.from_environment({name: value})


def test_the_secret_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")

    first, second = with_secret_key(settings), with_secret_key(settings)

    assert first.secret_key == second.secret_key and len(first.secret_key) == 64
    assert (tmp_path / "data" / "secret-key").stat().st_mode & 0o077 == 0


TILES = {"PARVIS_MAP_TILES": "https://tiles.example:8443/plan/{z}/{x}/{y}.png?key=a"}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (TILES, "PARVIS_MAP_ATTRIBUTION"),
        (TILES | {"PARVIS_MAP_ATTRIBUTION": "© la Ville"}, "PARVIS_MAP_CENTRE"),
        (TILES | {"PARVIS_MAP_ATTRIBUTION": "© la Ville", "PARVIS_MAP_CENTRE": "here"}, "PARVIS_MAP_CENTRE"),
    ],
)
def test_a_map_says_who_made_it_and_where_it_begins(given: dict[str, str], wanted: str) -> None:
    with pytest.raises(SettingRefused, match=wanted):
        Settings.from_environment(given)


def test_a_map_of_the_town_is_read() -> None:
    given = TILES | {"PARVIS_MAP_ATTRIBUTION": "© la Ville", "PARVIS_MAP_CENTRE": "47.86, -2.1"}

    found = Settings.from_environment(given).map

    assert (found.tiles, found.centre, found.zoom) == (TILES["PARVIS_MAP_TILES"], (47.86, -2.1), 14)
