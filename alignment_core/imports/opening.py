"""A file → its sheets, by what is in it and not by what it is called."""
