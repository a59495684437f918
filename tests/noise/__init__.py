"""How often the rules speak up about popular packages, and whether they are right."""
