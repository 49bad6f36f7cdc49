"""Pages as things: turn, reorder, crop, resize, several on a sheet, leave out blank ones."""
