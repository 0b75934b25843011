"""How are small grids grouped into large ones? What :mod:`geo.grid.districts` needs inside."""
