"""What a finished run listens to, and where it loses points."""
