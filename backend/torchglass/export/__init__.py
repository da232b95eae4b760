"""An experiment as a PyTorch script that stands alone. No torch here: the server writes scripts as well."""
