"""What every request goes through: tokens and limits, bodies and times, problems, signatures, kept answers."""
