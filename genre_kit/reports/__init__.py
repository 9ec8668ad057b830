"""From results to lines, JSON, HTML and pictures: the only place that writes sentences and prints."""
