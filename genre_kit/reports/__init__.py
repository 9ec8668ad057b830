"""From results to lines, JSON, HTML and pictures: the only place that words and prints."""
