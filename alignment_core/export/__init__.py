"""Results → what people take away: the workbook, and JSON."""
