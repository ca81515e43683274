-- Major and minor have to be those of Peter.
return "0.5.0"
