"""From probabilities to the two submission files: rules, writing, checking."""
