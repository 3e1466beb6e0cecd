// Code of somebody else, of which nobody knows what it does.
exports.track = (value) => value;
