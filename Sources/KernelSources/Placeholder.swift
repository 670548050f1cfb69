// Made way for by the first real file.
