"""An independent, slow and obvious computation of `portal calculate`, to hold the engine against."""
