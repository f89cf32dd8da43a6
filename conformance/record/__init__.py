"""Recording third-party programs: how the captures under rfc_traces/ are made, so that anybody can make them again."""
