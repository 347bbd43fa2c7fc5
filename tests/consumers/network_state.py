"""Prints what cloud-init makes of network-configs as JSON: for each its interfaces, or the error.

Usage: python3 network_state.py FILE, a JSON list of texts.
"""

import json
import logging
import sys

import yaml
from cloudinit.net.network_state import parse_net_config_data

logging.disable(logging.CRITICAL)


def state(text):
    try:
        parsed = parse_net_config_data(yaml.safe_load(text), skip_broken=False)
        return {interface["name"]: interface for interface in parsed.iter_interfaces()}
    except Exception as error:  # What it is that stops cloud-init does not matter.
        return {"error": repr(error)}


with open(sys.argv[1], encoding="utf-8") as file:
    json.dump([state(text) for text in json.load(file)], sys.stdout)
