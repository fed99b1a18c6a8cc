"""Files of the repository that are no Python package, wherever the code is installed.

The dbt project, the example, the guides and the population file stand at the root of a checkout.
The wheel carries them in ``common/_data``, under the same relative names (see ``pyproject.toml``),
so that nothing but packages lands in ``site-packages``. Knows where they are, not what they say.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_IN_WHEEL = _PACKAGE / "_data"


def resource(name: str) -> Path:
    """Return where a file or folder of the repository is.

    Args:
        name: its path from the root of a checkout, with ``/``: ``examples/iso_sos``.

    Returns:
        An absolute path in the installed wheel, or in the checkout. Whether something is there is
        for the caller to see: a wheel carries only what the program needs at run time.
    """
    root = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent
    return root.joinpath(*name.split("/"))
