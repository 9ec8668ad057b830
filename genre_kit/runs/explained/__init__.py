"""What explaining a run found: its content, and its file."""
