"""Printers that are not ours: emulators and renderers by others, each in an environment beside its adapter."""
