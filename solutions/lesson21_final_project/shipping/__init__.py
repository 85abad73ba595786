"""The service of shipping: it sends parcels, and says so."""
