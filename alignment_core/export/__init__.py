"""Results → workbook and JSON."""
