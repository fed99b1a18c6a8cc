"""The reporting year: who has submitted, the reporting window, sign-off, release."""
