"""Where the installation's home folder is: from the environment and a ``.env`` file.

Part of the settings, in a module of its own because Airflow asks for the home each time it loads a
DAG file: nothing that works is imported here.
"""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from common.home import Home


class Installation(BaseSettings):
    """What is needed to find the home.

    Attributes:
        home: the folder that holds inbox, lake, ledger, warehouse, exports and docs.
    """

    model_config = SettingsConfigDict(
        env_prefix="VUOSIKELLO_", env_file=".env", extra="ignore", frozen=True
    )

    home: Path = Path("var")

    @property
    def folders(self) -> Home:
        """The home's folders, by absolute path."""
        return Home(self.home.expanduser().absolute())
