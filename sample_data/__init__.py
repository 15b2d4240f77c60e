"""A fictitious company whose last quarter has a known story, and the script that makes its files."""
