"""Prints what pykickstart makes of a RHEL 8 kickstart as JSON: commands that were seen, packages, scripts.

Usage: python3 kickstart_as_json.py FILE. Deprecated and unknown words are errors, as for ksvalidator. Two network
commands for one device are none, unlike there: Anaconda says so and goes on, and a VLAN on a device needs them.
"""

import gettext
import json
import sys
import warnings

# What 3.16 calls was taken out of Python 3.11.
if not hasattr(gettext, "lgettext"):
    gettext.lgettext = gettext.gettext

from pykickstart.errors import KickstartParseWarning
from pykickstart.parser import KickstartParser
from pykickstart.version import RHEL8, makeVersion


def plain(value):
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(item) for item in (sorted(value, key=str) if isinstance(value, set) else value)]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if type(value).__module__.startswith("pykickstart.") and hasattr(value, "__dict__"):
        return fields(value)
    return str(value)


def fields(thing):
    hidden = ("op", "handler", "currentCmd", "currentLine", "dataObj", "dataList")
    return {
        key: plain(value)
        for key, value in vars(thing).items()
        if not key.startswith("_") and key not in hidden and not callable(value)
    }


warnings.filterwarnings(action="error", category=KickstartParseWarning)
warnings.filterwarnings("ignore", message="A network device with the name .* has already been defined")
handler = makeVersion(RHEL8)
parser = KickstartParser(handler, followIncludes=False, errorsAreFatal=True)
parser.readKickstart(sys.argv[1])
commands = {name: command for name, command in handler.commands.items() if command is not None and command.seen}
json.dump(
    {
        "commands": {name: fields(command) for name, command in commands.items()},
        "packages": fields(handler.packages),
        "scripts": [fields(script) for script in handler.scripts],
    },
    sys.stdout,
)
