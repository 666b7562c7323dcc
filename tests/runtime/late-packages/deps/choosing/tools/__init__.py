import os
import pkgutil
from importlib import import_module
from typing import List


def chosen(driver: str, locale: str, style: str) -> List[str]:
    path = "choosing.locale.%s"
    modules = (
        import_module(f"choosing.drivers.{driver}"),
        import_module("%s.formats" % (path % locale)),
        import_module("choosing.styles." + style),
    )
    return [module.NAME for module in modules]


def commands() -> List[str]:
    """Lists a package that nobody has imported."""
    directory = os.path.join(os.path.dirname(os.path.dirname(__file__)), "commands")
    return [import_module(f"choosing.commands.{found.name}").NAME for found in pkgutil.iter_modules([directory])]
