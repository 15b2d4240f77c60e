"""The sections of the page Agree."""
