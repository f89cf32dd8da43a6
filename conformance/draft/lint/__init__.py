"""Reading a draft critically: one module per kind of defect, each a function from Draft to findings."""
