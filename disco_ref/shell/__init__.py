"""The only floor with sockets, clocks, files and processes: commands, adapter, later transports."""
