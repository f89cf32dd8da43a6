"""The suite against programs of others: started in namespaces of their own, judged, results kept and compared."""
