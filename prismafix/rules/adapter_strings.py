"""URLs that a driver adapter is given as a string, and that its driver reads its own parameters from: those of mariadb
and mssql. Beside a string they take no options, so what they should do has to be written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.connection.adapters import PARAMETERS, in_url
from prismafix.rules.adapter_settings import span_of
from prismafix.rules.model import DriverUrl, Span

if TYPE_CHECKING:
    from prismafix.connection.adapters import Adapter, Role
    from prismafix.project.pools.adapters import AdapterSite
    from prismafix.rules.adapter_settings import Carrier


def is_string(site: AdapterSite) -> bool:
    """Whether an adapter is given a URL whose parameters its driver reads. `PrismaPg` takes an object as well."""
    return site.holder == "url" and bool(site.adapter.in_url)


def respelled(adapter: Adapter, carrier: Carrier) -> DriverUrl | None:
    """What turns the engine's parameters of a URL into the driver's own; None where a value is no whole number."""
    values: dict[Role, int] = {}
    for role, value in carrier.values.items():
        if not isinstance(value, int):
            return None
        values[role] = value
    spelled = PARAMETERS[adapter.database]
    own = {role: (name, text) for role, name, text in in_url(adapter, values)}
    parameters = []
    for role in values:
        name, text = own.get(role, ("", ""))
        # SQL Server's connectTimeout stays: the command line reads it, and the adapter looks at its own first.
        parameters.append(("" if adapter.reads else spelled[role], name, text))
    return DriverUrl(place_of(carrier), tuple(parameters))


def place_of(carrier: Carrier) -> Span:
    """The bytes of the URL."""
    if carrier.origin is not None:
        return span_of(carrier.origin)
    assert carrier.setting is not None
    return Span(carrier.path, carrier.setting.start, carrier.setting.end)


def shown(url: DriverUrl) -> str:
    """The parameters that are written. None of them is a secret."""
    return ", ".join(f"{name}={value}" for _, name, value in url.parameters if name)


def by_hand(adapter: Adapter, found: tuple[Carrier, ...]) -> str:
    """What to write into URLs that cannot be changed."""
    urls = [respelled(adapter, carrier) for carrier in found]
    texts = list(dict.fromkeys(shown(url) for url in urls if url is not None))
    if None in urls or len(texts) != 1:
        return "the driver's own parameters have to be in the URL: write them by hand"
    return f"beside a URL the adapter takes no options: the driver's own parameters in it are {texts[0]}"
