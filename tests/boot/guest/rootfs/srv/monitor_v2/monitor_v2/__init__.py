"""Stand-in for VAST's monitor; does nothing."""
