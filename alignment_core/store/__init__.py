"""What lasts: drafts, signed agreements and closed reviews, in SQLite or PostgreSQL."""
