"""An explained run: lines, pictures and its page."""
