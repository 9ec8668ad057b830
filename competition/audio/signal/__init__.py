"""What features are computed from: an excerpt's spectra, filters, and statistics over time."""
