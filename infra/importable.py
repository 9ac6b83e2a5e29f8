"""Whether a folder can be imported as Lambda does: `python -I -S importable.py FOLDER HANDLER…`, as Lambda names them.

Without site-packages. Prints how long app.py took, in milliseconds; a traceback says what is missing.
"""

import importlib
import pkgutil
import sys
import time


def main(folder: str, *handlers: str) -> None:
    sys.path.insert(0, folder)
    began = time.perf_counter()
    importlib.import_module("app")
    print(round((time.perf_counter() - began) * 1000))
    for module in pkgutil.walk_packages(importlib.import_module("chalicelib").__path__, "chalicelib."):
        importlib.import_module(module.name)
    for handler in handlers:
        module_name, _, name = handler.rpartition(".")
        if not callable(getattr(importlib.import_module(module_name), name)):
            raise TypeError(f"{handler} is not a function")


main(*sys.argv[1:])
