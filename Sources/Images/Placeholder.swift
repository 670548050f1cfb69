// Made way for by the module's first real file.
