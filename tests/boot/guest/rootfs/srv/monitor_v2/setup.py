"""A small package with the name and version of the one in VAST's container image; pip installs it for real."""

from setuptools import setup

setup(name="monitor-v2", version="0.0.3", packages=["monitor_v2"])
