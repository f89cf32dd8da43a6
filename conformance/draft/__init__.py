"""Reading an Internet-Draft or RFC: sections, sentences, clauses, structs, schemas, examples."""
