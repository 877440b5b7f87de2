"""The demonstration: a town in a box, whose histories the real services made day by day, and its clock."""
