"""May they: criteria, rules, decisions. Pure: no I/O."""
