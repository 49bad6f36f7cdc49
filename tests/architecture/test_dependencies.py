"""What pyproject.toml asks for, requirements.lock pins and this environment holds agree, without a network."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
_EXTRAS: dict[str, list[str]] = _PROJECT["optional-dependencies"]
_LOCK = (_ROOT / "requirements.lock").read_text()
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;]+)(?: *; *([^\\\n]+?))?(?: *\\)?$", re.MULTILINE)


def _pins() -> dict[str, list[Requirement]]:
    """The pins of the lock that hold on this machine, by name."""
    found: dict[str, list[Requirement]] = {}
    for name, pinned, marker in _PINNED.findall(_LOCK):
        pin = Requirement(f"{name}=={pinned}" + (f"; {marker}" if marker else ""))
        if pin.marker is None or pin.marker.evaluate():
            found.setdefault(canonicalize_name(name), []).append(pin)
    return found


def _asked() -> list[Requirement]:
    everything = [*_PROJECT["dependencies"], *(line for lines in _EXTRAS.values() for line in lines)]
    wanted = [Requirement(line) for line in everything]
    return [one for one in wanted if one.name != "bindery" and (one.marker is None or one.marker.evaluate())]


@pytest.mark.parametrize("wanted", _asked(), ids=str)
def test_every_requirement_is_met_by_exactly_one_pin_of_the_lock(wanted: Requirement) -> None:
    pins = _pins().get(canonicalize_name(wanted.name), [])
    assert len(pins) == 1, "run `make lock`"
    (specifier,) = pins[0].specifier
    assert wanted.specifier.contains(specifier.version), "run `make lock`"


def test_what_is_installed_is_what_the_lock_pins() -> None:
    pins = _pins()
    different = {}
    for name in {canonicalize_name(one.name) for one in _asked()}:
        (specifier,) = pins[name][0].specifier
        try:
            installed = version(name)
        except PackageNotFoundError:
            continue  # an extra that is not installed here; tests that need it say so
        if installed != specifier.version:
            different[name] = f"{installed} instead of {specifier.version}"
    assert not different, "run `make test`, which installs from the lock"


def test_every_pin_carries_hashes_and_no_address() -> None:
    pinned = len(_PINNED.findall(_LOCK))
    assert pinned
    assert len(re.findall(r"^[^ #].*\n(?= +--hash=sha256:)", _LOCK, re.MULTILINE)) == pinned
    assert "://" not in _LOCK
    assert "--index" not in _LOCK


def test_every_service_folder_has_an_extra_of_its_name() -> None:
    folders = {contract.parent.name for contract in (_ROOT / "services").glob("*/operations.py")}
    assert folders
    assert folders <= set(_EXTRAS), "add the service's line to [project.optional-dependencies]"


def test_the_platform_on_one_machine_needs_no_other_extra_than_local() -> None:
    named = {extra for line in _EXTRAS["local"] for extra in Requirement(line).extras}
    folders = {contract.parent.name for contract in (_ROOT / "services").glob("*/operations.py")}
    assert folders | {"gateway", "cli"} <= named
