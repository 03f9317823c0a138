"""The version of this program, as tills and the hub tell each other."""

VERSION = "0.1.0"
