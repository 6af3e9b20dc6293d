"""Who owns which job."""
