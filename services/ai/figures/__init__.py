"""Values with the place that they came from, and the checks that they passed."""
