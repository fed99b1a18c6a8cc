"""The pages of the example are one site for the tests of their files and those in a browser."""

from __future__ import annotations

from tests.integration.exports.conftest import publication, site

__all__ = ["publication", "site"]
