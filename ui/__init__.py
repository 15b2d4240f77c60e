"""What the pages share: the session, text that is safe to show, and charts on the screen."""
