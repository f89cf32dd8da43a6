"""Tells tox environments where the user stands, so that targets such as ``exec:./adapter`` are found there.

It also clears what an earlier build left: setuptools would pack files again that the checkout no longer has.
"""

import os
import shutil
from pathlib import Path

os.environ.setdefault("DISCO_STANDS", os.getcwd())
if "TOX_PARALLEL_ENV" not in os.environ:
    shutil.rmtree(Path(__file__).parent / "build" / "lib", ignore_errors=True)
