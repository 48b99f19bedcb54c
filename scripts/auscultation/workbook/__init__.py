"""Reading a workbook of any kind into a typed and checked table of respiratory cycles."""
