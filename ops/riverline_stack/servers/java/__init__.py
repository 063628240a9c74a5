"""Java programs: their jars, their command lines, archives of their classes, and Java of our own."""
