"""A dossier system of our own for trying and testing: 500 made-up dossiers behind iGate's and the
national adapter's HTTP. Nobody in it exists; every unit says that it is a sample."""
