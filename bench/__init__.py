"""How fast the product is, against named peers: `python -m bench`."""
