"""Dossier systems: one module a system, one protocol, one registry, and a sandbox of our own.

``dossier`` says what may be known of a dossier by its code alone, ``codes`` reads codes,
``registry`` asks the system that holds a code. How to add a system: ``docs/connectors.md``.
"""
