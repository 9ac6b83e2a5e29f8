"""Getting into the console, and out."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.console.conftest import OpenConsole
from tests.rest.administrator import Administrator
from tests.server import Server
from tests.visits import visits
