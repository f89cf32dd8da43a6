"""Entry point of ``python -m conformance.interop``."""

import sys

from conformance.interop.command import main

sys.exit(main())
