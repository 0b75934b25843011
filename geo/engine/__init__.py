"""Making: tables read through the store, layers built from them in the order of their needs."""
