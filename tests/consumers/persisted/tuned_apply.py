"""Loads tuned's active profile with tuned's own loader and applies its kernel parameters with tuned's own plug-in.

The daemon itself needs D-Bus; what it does between the two is done here with the unit manager's own conditions.
Usage: tuned_apply.py DIRECTORY, that of the package tuned.
"""

import os
import sys

sys.path.insert(0, sys.argv[1])

from tuned import consts  # noqa: E402
from tuned.plugins.plugin_sysctl import SysctlPlugin  # noqa: E402
from tuned.profiles.factory import Factory  # noqa: E402
from tuned.profiles.loader import Loader  # noqa: E402
from tuned.profiles.locator import Locator  # noqa: E402
from tuned.profiles.merger import Merger  # noqa: E402
from tuned.profiles.variables import Variables  # noqa: E402
from tuned.units.manager import Manager  # noqa: E402
from tuned.utils.commands import commands  # noqa: E402
from tuned.utils.config_parser import ConfigParser  # noqa: E402
from tuned.utils.global_config import GlobalConfig  # noqa: E402


class Storage(dict):
    def unset(self, key):
        self.pop(key, None)


class Plugin(SysctlPlugin):
    def __init__(self, config, variables):
        self._cmd = commands()
        self._variables = variables
        self._global_cfg = config
        self._storage = Storage()
        self._storage.set = self._storage.__setitem__

    def _storage_key(self, *arguments):
        return "key"


class Instance:
    def __init__(self, name, options):
        self.name = name
        self._sysctl = options
        self._sysctl_original = {}


config = GlobalConfig("/etc/tuned/tuned-main.conf")
variables = Variables()
locator = Locator(["/usr/lib/tuned", "/etc/tuned"])
loader = Loader(locator, Factory(), Merger(), config, variables)
with open("/etc/tuned/active_profile") as active:
    profile = loader.load(active.read())
manager = Manager(None, None, 0, None, config)
units = [
    unit
    for unit in profile.units.values()
    if unit.enabled and manager._unit_matches_cpuinfo(unit) and manager._unit_matches_uname(unit)
]
units.sort(key=lambda unit: int(unit.options.get("priority", 0)))
plugin = Plugin(config, variables)
for unit in units:
    if unit.type == "sysctl":
        unit.options.pop("priority", None)
        plugin._instance_apply_static(Instance(unit.name, unit.options))
print("applied")
